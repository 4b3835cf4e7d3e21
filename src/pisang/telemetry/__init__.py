"""What a server tells those who watch it: metrics for Prometheus, traces for OpenTelemetry."""
