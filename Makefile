# The few commands that a person types.
.PHONY: help demo test format bench image image-name

VERSION := $(shell sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)
# Whichever works here: docker's command without its daemon does not.
BUILDER ?= $(firstword $(foreach tool,docker podman buildah,$(shell $(tool) info >/dev/null 2>&1 && echo $(tool))))

help:
	@echo "make demo     rehearse an upgrade in a simulated cluster; needs the .NET 10 SDK and nothing else"
	@echo "make test     install what the tests need (as root, from the system's packages) and run them all"
	@echo "make bench    measure against the budgets; whole chains of real processes as root only"
	@echo "make image    build the image with docker, podman or buildah, as stepper:$(VERSION)"
	@echo "make format   put the code into the form that .editorconfig asks for"

demo:
	@said=$$(dotnet build src/StepRunner --configuration Release --nologo --verbosity quiet -p:RunAnalyzers=false) || { echo "$$said"; exit 1; }
	@dotnet src/StepRunner/bin/Release/net10.0/stepper.dll rehearse --target 1.34.7

test:
	@tests/run.sh

# As root what is measured is the image's own executable, as containers of it too.
bench:
	@if [ "$$(id -u)" -eq 0 ]; then \
		tests/install.sh && tests/image/build.sh --out artifacts/image && \
		dotnet run --project bench --configuration Release -p:RunAnalyzers=false -- artifacts/image/root/usr/bin/stepper artifacts/image; \
	else \
		dotnet publish src/StepRunner --nologo --verbosity quiet -p:RunAnalyzers=false && \
		dotnet run --project bench --configuration Release -p:RunAnalyzers=false -- src/StepRunner/bin/Release/net10.0/linux-x64/publish/stepper; \
	fi

# Labels say what it was built from; the address is this clone's, where it has one on the web.
image:
	@test -n "$(BUILDER)" || { echo "make image: docker, podman or buildah is needed, and none of them works here."; exit 1; }
	$(BUILDER) build --tag stepper:$(VERSION) --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) \
		--build-arg SOURCE=$$(git config --get remote.origin.url | grep -E '^(https|git@)') .

image-name:
	@echo stepper:$(VERSION)

format:
	dotnet format --no-restore
