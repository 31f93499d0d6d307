FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What it calls itself: make image says it.
ARG VERSION
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /sidem ./cmd/sidem \
 && mkdir -p /data && chown 65532:65532 /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /sidem /sidem
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
# The store and the files are in data/ unless they are set.
WORKDIR /
VOLUME /data
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/sidem", "healthcheck"]
ENTRYPOINT ["/sidem"]
CMD ["serve"]
