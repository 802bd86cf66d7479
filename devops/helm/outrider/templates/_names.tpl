{{/* What every object of the release is named after. */}}
{{- define "outrider.fullname" -}}
{{- default .Release.Name .Values.nameOverride -}}
{{- end -}}

{{/* An object's name. Takes (list root suffix); without a suffix, the release's. */}}
{{- define "outrider.name" -}}
{{- $fullname := include "outrider.fullname" (index . 0) -}}
{{- with index . 1 }}{{ printf "%s-%s" $fullname . }}{{ else }}{{ $fullname }}{{ end -}}
{{- end -}}

{{/* Where other pods find a service. Takes (list root suffix). */}}
{{- define "outrider.host" -}}
{{ include "outrider.name" . }}.{{ (index . 0).Release.Namespace }}.svc
{{- end -}}

{{/* Where a component's configuration stands in Consul; empty where it does not. Takes (list root component). */}}
{{- define "outrider.consul" -}}
{{- with (index . 0).Values.consul -}}
{{- if .host -}}
consul{{ if .tls }}+tls{{ end }}://{{ .host }}/{{ .key }}/{{ (index $ 1).component }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "outrider.selector" -}}
app.kubernetes.io/name: outrider
app.kubernetes.io/instance: {{ include "outrider.fullname" . }}
{{- end -}}

{{/* Takes (list root component). */}}
{{- define "outrider.componentSelector" -}}
{{ include "outrider.selector" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "outrider.labels" -}}
{{ include "outrider.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Takes (list root name component); `component` may be empty. */}}
{{- define "outrider.metadata" -}}
name: {{ index . 1 }}
namespace: {{ (index . 0).Release.Namespace }}
labels:
  {{- include "outrider.labels" (index . 0) | nindent 2 }}
  {{- with index . 2 }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
{{- end -}}

{{- define "outrider.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}
