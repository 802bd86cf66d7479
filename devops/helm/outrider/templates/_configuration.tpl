{{/* The outrider.yaml of a component. Takes (list root component). */}}
{{- define "outrider.configuration" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := $root.Values -}}
{{- $file := deepCopy $values.settings -}}
{{- $_ := set $file "host" "0.0.0.0" -}}
{{- $_ := set $file "drain-timeout" (printf "%ds" (int $values.drainTimeout)) -}}
{{- $domains := list -}}
{{- range $values.domains -}}
{{- $domains = append $domains (include "outrider.configuration.domain" (list $root $component .) | fromYaml) -}}
{{- end -}}
{{- $_ := set $file "domains" $domains -}}
{{- with $component.sagas -}}
{{- $sagas := list -}}
{{- range . -}}
{{- $sagas = append $sagas (include "outrider.configuration.saga" (list $root $component .) | fromYaml) -}}
{{- end -}}
{{- $_ := set $file "sagas" $sagas -}}
{{- if eq $component.role "saga" -}}
{{- $_ := set $file "command-handler" (include "outrider.ownCommandHandler" $root) -}}
{{- end -}}
{{- if ne $component.role "command-handler" -}}
{{- with include "outrider.configuration.routes" $root | fromYamlArray -}}
{{- $_ := set $file "routes" . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq $component.role "gateway" -}}
{{- $_ := set $file "command-handler" (include "outrider.ownCommandHandler" $root) -}}
{{- $_ := set $file "query-handler" (printf "%s:1314" (include "outrider.host" (list $root "query-handler"))) -}}
{{- with include "outrider.configuration.routes" $root | fromYamlArray -}}
{{- $_ := set $file "routes" . -}}
{{- end -}}
{{- end -}}
{{- if eq $component.store.type "sqlite" -}}
{{- $_ := set $file "store" "sqlite:/var/lib/outrider/data" -}}
{{- end -}}
{{- with $component.source -}}
{{- if ne . "log" -}}
{{- $_ := set $file "source" . -}}
{{- $_ := set $file "query-handler" (printf "%s:1314" (include "outrider.host" (list $root "query-handler"))) -}}
{{- end -}}
{{- end -}}
{{- if $values.metrics.enabled -}}
{{- $_ := set $file "metrics" (dict "listen" "0.0.0.0:9464") -}}
{{- end -}}
{{- if $values.descriptors.configMap -}}
{{- $_ := set $file "descriptors" "/etc/outrider/descriptors" -}}
{{- end -}}
{{- include "outrider.configuration.security" (list $root $file) -}}
{{- toYaml $file -}}
{{- end -}}

{{/* An entry of `domains`. Takes (list root component domain). */}}
{{- define "outrider.configuration.domain" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
name: {{ index . 2 | quote }}
{{- if has $component.role (list "run" "command-handler") }}
logic:
  address: 127.0.0.1:{{ $root.Values.logic.port }}
  {{- with $root.Values.logicSettings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if has $component.role (list "run" "command-handler" "saga") }}
{{- with get $root.Values.schemas.files (index . 2) }}
schema:
  file: /etc/outrider/schemas/{{ . }}
  compatibility: {{ $root.Values.schemas.compatibility }}
{{- end }}
{{- end }}
{{- with $component.projectors }}
projectors:
  {{- range . }}
  - name: {{ .name }}
    {{- if ne $component.role "command-handler" }}
    address: 127.0.0.1:{{ (.logic | default dict).port | default 1738 }}
    {{- end }}
    {{- if .synchronous }}
    synchronous: true
    {{- if eq $component.role "command-handler" }}
    coordinator: {{ include "outrider.host" (list $root (printf "projector-%s" .name)) }}:1315
    {{- end }}
    {{- end }}
    {{- with .settings }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* An entry of `sagas`. A command-handler only needs to know whom to call. Takes (list root component saga). */}}
{{- define "outrider.configuration.saga" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- with index . 2 -}}
name: {{ .name }}
{{- with .domains }}
domains: {{ toJson . }}
{{- end }}
{{- if .synchronous }}
synchronous: true
{{- end }}
{{- if eq $component.role "command-handler" }}
coordinator: {{ include "outrider.host" (list $root (printf "saga-%s" .name)) }}:1316
{{- else }}
{{- if .rules }}
rules: /etc/outrider/rules/{{ .name }}.yaml
{{- else }}
logic:
  address: 127.0.0.1:{{ (.logic | default dict).port | default 1739 }}
{{- end }}
{{- with .key }}
key: {{ quote . }}
{{- end }}
{{- with .style }}
style: {{ . }}
{{- end }}
{{- with .settings }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* The list `routes`. The first match counts, so the release's own domains stand before a route for every domain. */}}
{{- define "outrider.configuration.routes" -}}
{{- $root := . -}}
{{- range .Values.routes }}
{{- if eq .domain "*" }}
{{- range $root.Values.domains }}
- {domain: {{ quote . }}, address: {{ include "outrider.ownCommandHandler" $root | quote }}}
{{- end }}
{{- end }}
- {domain: {{ quote .domain }}, address: {{ include "outrider.routeAddress" (list $root .) | quote }}}
{{- end }}
{{- end -}}

{{/* Where a route leads: the address that it gives, or another release's command-handler. Takes (list root route). */}}
{{- define "outrider.routeAddress" -}}
{{- $root := index . 0 -}}
{{- with index . 1 -}}
{{- .address | default (printf "%s-command-handler.%s.svc:1313" .release (.namespace | default $root.Release.Namespace)) -}}
{{- end -}}
{{- end -}}

{{- define "outrider.ownCommandHandler" -}}
{{ include "outrider.host" (list . "command-handler") }}:1313
{{- end -}}

{{/* Adds TLS, tokens and policy to a file. Takes (list root file). */}}
{{- define "outrider.configuration.security" -}}
{{- $values := (index . 0).Values -}}
{{- $file := index . 1 -}}
{{- if $values.tls.secretName -}}
{{- $files := "/etc/outrider/tls" -}}
{{- $tls := dict "certificate" (print $files "/tls.crt") "key" (print $files "/tls.key") "peer-authorities" (print $files "/ca.crt") -}}
{{- if $values.tls.clientCertificates -}}
{{- $_ := set $tls "client-authorities" (print $files "/ca.crt") -}}
{{- end -}}
{{- $_ := set $file "tls" $tls -}}
{{- end -}}
{{- $tokens := dict -}}
{{- $keys := $values.tokens.keysURL -}}
{{- if $values.tokens.keysSecret.name -}}
{{- $keys = printf "/etc/outrider/keys/%s" $values.tokens.keysSecret.key -}}
{{- end -}}
{{- range $key, $value := dict "keys" $keys "issuer" $values.tokens.issuer "audience" $values.tokens.audience -}}
{{- if $value -}}{{- $_ := set $tokens $key $value -}}{{- end -}}
{{- end -}}
{{- if $values.tokens.keysAuthorities -}}
{{- $_ := set $tokens "keys-authorities" (printf "/etc/outrider/files/%s" $values.tokens.keysAuthorities) -}}
{{- end -}}
{{- if $values.tokens.peerAudience -}}
{{- $_ := set $tokens "peer-file" "/var/run/outrider/token" -}}
{{- end -}}
{{- if $tokens -}}{{- $_ := set $file "tokens" $tokens -}}{{- end -}}
{{- with $values.policy -}}{{- $_ := set $file "policy" . -}}{{- end -}}
{{- end -}}
