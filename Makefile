# The few commands that a person types.
.PHONY: help demo test format

help:
	@echo "make demo     rehearse an upgrade in a simulated cluster; needs the .NET 10 SDK and nothing else"
	@echo "make test     install what the tests need (as root, from the system's packages) and run them all"
	@echo "make format   put the code into the form that .editorconfig asks for"

demo:
	@said=$$(dotnet build src/StepRunner --configuration Release --nologo --verbosity quiet -p:RunAnalyzers=false) || { echo "$$said"; exit 1; }
	@dotnet src/StepRunner/bin/Release/net10.0/stepper.dll rehearse --target 1.34.7

test:
	@tests/run.sh

format:
	dotnet format --no-restore
