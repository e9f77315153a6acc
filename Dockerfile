# The image of stepper's Jobs: the program, OpenSSH's client, certificate authorities, time zones, and nothing else. `make image` builds it.
# See docs/decisions/007-image.md.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS program
WORKDIR /source
COPY . .
ARG REVISION=
RUN dotnet publish src/StepRunner --output /program --nologo --verbosity quiet \
    -p:RunAnalyzers=false -p:RestoreLockedMode=true -p:SourceRevisionId=$REVISION

FROM debian:trixie-slim AS root
RUN apt-get -q update && apt-get -q -y install --no-install-recommends ca-certificates openssh-client tzdata
COPY image/root.sh /
COPY --from=program /program/stepper /
RUN /root.sh /image /stepper

FROM scratch
COPY --from=root /image /
USER 10001:10001
# No debugger can attach, and nothing is put into /tmp for one. What was compiled ahead, and the rest compiled quickly, is good enough for a step, which mostly
# waits: that no call is counted in the first 24 days keeps all from being compiled again while it runs, which took two thirds of a worker step's processor time.
# That the runtime finds no authorities: stepper reads them itself, and only when somebody else than the API server speaks TLS.
ENV PATH=/usr/bin DOTNET_EnableDiagnostics=0 DOTNET_TC_CallCountingDelayMs=7FFFFFFF SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/dev/null
# Without CMD: a Job of the chain is started without arguments, and says what it is by its environment.
ENTRYPOINT ["/usr/bin/stepper"]
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title=stepper \
      org.opencontainers.image.description="Upgrades the Kubernetes version of a kubeadm cluster, unattended" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.source=$SOURCE
