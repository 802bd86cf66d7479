{{/*
The pods of the release, as a list. Every other template goes through it; a new role is an entry here.

  name       suffix of its objects' names; empty for the one pod that plays every role
  component  value of its label
  role       subcommand of outrider
  kind       Deployment or StatefulSet
  values     its part of the values: replicas, resources, autoscaling, pod
  services   what it answers: name, port, portName, and protocol where that is not gRPC
  probe      the port that readiness asks
  logic      containers of logic beside it: name, variables, values
  store      of type sqlite, mongodb or none; `secret` and `key` hold a server's URI
  channel    `secret` and `key` hold its URI; missing where it has no channel
  projectors those that its outrider.yaml lists
  sagas      the same
*/}}
{{- define "outrider.components" -}}
{{- if eq .Values.store.type "sqlite" }}
{{- include "outrider.components.onePod" . }}
{{- else }}
{{- include "outrider.components.apart" . }}
{{- end }}
{{- end -}}

{{- define "outrider.components.onePod" -}}
- name: ""
  component: outrider
  role: run
  kind: StatefulSet
  values: {{ omit .Values.commandHandler "autoscaling" | merge (dict "replicas" 1) | toJson }}
  services:
    - {name: command-handler, port: 1313, portName: commands}
    - {name: query-handler, port: 1314, portName: queries}
    {{- if .Values.gateway.enabled }}
    - {name: gateway, port: 1380, portName: http, protocol: http}
    {{- include "outrider.stomp" . | nindent 4 }}
    {{- end }}
  # A store that takes no commits can still be read: the pod must stay reachable for queries.
  probe: 1314
  logic:
    {{- $variables := dict "OUTRIDER_LOGIC_ADDRESS" .Values.logic.port }}
    {{- range .Values.projectors }}
    {{- if not .logic }}
    {{- $_ := set $variables "OUTRIDER_PROJECTOR_ADDRESS" 1738 }}
    {{- end }}
    {{- end }}
    {{- range .Values.sagas }}
    {{- if not (or .logic .rules) }}
    {{- $_ := set $variables "OUTRIDER_SAGA_ADDRESS" 1739 }}
    {{- end }}
    {{- end }}
    - {name: logic, variables: {{ toJson $variables }}, values: {{ toJson .Values.logic }}}
    {{- range .Values.projectors }}
    {{- if .logic }}
    - name: logic-{{ .name }}
      variables: {OUTRIDER_PROJECTOR_ADDRESS: {{ .logic.port | default 1738 }}}
      values: {{ include "outrider.consumerLogic" (list $ .) }}
    {{- end }}
    {{- end }}
    {{- range .Values.sagas }}
    {{- if .logic }}
    - name: logic-{{ .name }}
      variables: {OUTRIDER_SAGA_ADDRESS: {{ .logic.port | default 1739 }}}
      values: {{ include "outrider.consumerLogic" (list $ .) }}
    {{- end }}
    {{- end }}
  store: {{ toJson .Values.store }}
  {{- include "outrider.channel" (list . .Values.channel "channel") | nindent 2 }}
  projectors: {{ toJson .Values.projectors }}
  sagas: {{ toJson .Values.sagas }}
{{- end -}}

{{- define "outrider.components.apart" -}}
{{- $root := . }}
- name: command-handler
  component: command-handler
  role: command-handler
  kind: Deployment
  values: {{ toJson .Values.commandHandler }}
  services:
    - {name: command-handler, port: 1313, portName: commands}
  probe: 1313
  logic:
    - {name: logic, variables: {OUTRIDER_LOGIC_ADDRESS: {{ .Values.logic.port }}}, values: {{ toJson .Values.logic }}}
  {{- include "outrider.store" (list . .Values.store "store") | nindent 2 }}
  {{- if or (not .Values.relay.enabled) (.Values.settings.command).topic }}
  {{- include "outrider.channel" (list . .Values.channel "channel") | nindent 2 }}
  {{- end }}
  {{- $called := list }}
  {{- range .Values.projectors }}{{ if .synchronous }}{{ $called = append $called . }}{{ end }}{{ end }}
  projectors: {{ toJson $called }}
  {{- $called = list }}
  {{- range .Values.sagas }}{{ if .synchronous }}{{ $called = append $called . }}{{ end }}{{ end }}
  sagas: {{ toJson $called }}
{{- if .Values.queryHandler.enabled }}
- name: query-handler
  component: query-handler
  role: query-handler
  kind: Deployment
  values: {{ toJson .Values.queryHandler }}
  services:
    - {name: query-handler, port: 1314, portName: queries}
  probe: 1314
  logic: []
  {{- include "outrider.store" (list . .Values.store "store") | nindent 2 }}
{{- end }}
{{- range .Values.projectors }}
{{ include "outrider.components.consumer" (dict "root" $root "consumer" . "role" "projector" "port" 1315 "variable" "OUTRIDER_PROJECTOR_ADDRESS" "logicPort" 1738) }}
  projectors: {{ toJson (list .) }}
{{- end }}
{{- range .Values.sagas }}
{{ include "outrider.components.consumer" (dict "root" $root "consumer" . "role" "saga" "port" 1316 "variable" "OUTRIDER_SAGA_ADDRESS" "logicPort" 1739) }}
  sagas: {{ toJson (list .) }}
{{- end }}
{{- if .Values.relay.enabled }}
- name: relay
  component: relay
  role: relay
  kind: Deployment
  values: {{ toJson .Values.relay }}
  services:
    - {name: relay, port: 1317, portName: relay}
  probe: 1317
  logic: []
  {{- include "outrider.store" (list . .Values.store "store") | nindent 2 }}
  {{- include "outrider.channel" (list . .Values.channel "channel") | nindent 2 }}
{{- end }}
{{- if .Values.gateway.enabled }}
- name: gateway
  component: gateway
  role: gateway
  kind: Deployment
  values: {{ toJson .Values.gateway }}
  services:
    - {name: gateway, port: 1380, portName: http, protocol: http}
    {{- include "outrider.stomp" . | nindent 4 }}
  probe: 1380
  logic: []
  store: {type: none}
  {{- if (.Values.settings.command).topic }}
  {{- include "outrider.channel" (list . .Values.channel "channel") | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The sagas of a component whose logic is rules in its config map. Takes the component. */}}
{{- define "outrider.ruledSagas" -}}
{{- $sagas := list -}}
{{- if has .role (list "run" "saga") -}}
{{- range .sagas }}{{ if .rules }}{{ $sagas = append $sagas . }}{{ end }}{{ end -}}
{{- end -}}
{{- toJson $sagas -}}
{{- end -}}

{{/*
The pods of a projector or a saga. Takes a dict of root, consumer, role, port, and the variable and
port of its logic.
*/}}
{{- define "outrider.components.consumer" -}}
{{- $root := .root -}}
{{- $consumer := .consumer -}}
{{- $name := printf "%s-%s" .role $consumer.name -}}
{{- $store := $consumer.store | default $root.Values.store -}}
{{- $isVolume := eq $store.type "sqlite" -}}
{{- $variables := dict .variable (($consumer.logic | default dict).port | default .logicPort) -}}
{{- if not $consumer.logic }}{{ $_ := set $variables "OUTRIDER_LOGIC_ADDRESS" $root.Values.logic.port }}{{ end -}}
{{- $values := dict "replicas" (ternary 1 (hasKey $consumer "replicas" | ternary $consumer.replicas 2 | int) $isVolume) -}}
{{- $_ := set $values "resources" ($consumer.resources | default $root.Values.commandHandler.resources) -}}
{{- $_ := set $values "pod" (mergeOverwrite (deepCopy $root.Values.commandHandler.pod) ($consumer.pod | default dict)) -}}
- name: {{ $name }}
  component: {{ $name }}
  role: {{ .role }}
  kind: {{ ternary "StatefulSet" "Deployment" $isVolume }}
  values: {{ toJson $values }}
  services:
    - {name: {{ $name }}, port: {{ .port }}, portName: {{ .role }}}
  probe: {{ .port }}
  {{- if $consumer.rules }}
  logic: []
  {{- else }}
  logic:
    - {name: logic, variables: {{ toJson $variables }}, values: {{ include "outrider.consumerLogic" (list $root $consumer) }}}
  {{- end }}
  {{- include "outrider.store" (list $root $store (ternary (printf "%s-store" $name) "store" (hasKey $consumer "store"))) | nindent 2 }}
  source: {{ $consumer.source | default "log" }}
  {{- if has $consumer.source (list "rabbitmq" "kafka") }}
  {{- include "outrider.channel" (list $root ($consumer.channel | default $root.Values.channel) (ternary (printf "%s-channel" $name) "channel" (hasKey $consumer "channel"))) | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The logic of a projector or a saga: its own, or the one that serves commands. Takes (list root consumer). */}}
{{- define "outrider.consumerLogic" -}}
{{- $logic := (index . 0).Values.logic -}}
{{- with (index . 1).logic -}}
{{- $logic = mergeOverwrite (pick (deepCopy $logic) "pullPolicy" "resources") . -}}
{{- end -}}
{{- toJson $logic -}}
{{- end -}}

{{/* The store of a component. Takes (list root store suffix-of-its-secret). */}}
{{- define "outrider.store" -}}
{{- $store := index . 1 -}}
{{- if eq $store.type "sqlite" -}}
store: {{ toJson $store }}
{{- else -}}
store: {{ include "outrider.uriSecret" (list (index . 0) $store.mongodb (index . 2)) | fromJson | merge (dict "type" "mongodb") | toJson }}
{{- end -}}
{{- end -}}

{{/* The channel of a component; nothing where there is none. Takes (list root channel suffix). */}}
{{- define "outrider.channel" -}}
{{- $channel := index . 1 -}}
{{- if or $channel.uri (($channel.existingSecret).name) -}}
channel: {{ include "outrider.uriSecret" . }}
{{- end -}}
{{- end -}}

{{/* The secret that holds a URI: the one that is named, else the chart's. Takes (list root values suffix). */}}
{{- define "outrider.uriSecret" -}}
{{- $existing := (index . 1).existingSecret | default dict -}}
{{- if $existing.name -}}
{{- dict "secret" $existing.name "key" ($existing.key | default "uri") | toJson -}}
{{- else -}}
{{- dict "secret" (include "outrider.name" (list (index . 0) (index . 2))) "key" "uri" "uri" (index . 1).uri | toJson -}}
{{- end -}}
{{- end -}}

{{/*
What a gateway answers besides, where Eventuate's clients are served.
*/}}
{{- define "outrider.stomp" -}}
{{- with .Values.settings.eventuate }}
{{- if .enabled }}
- {name: stomp, port: {{ index . "stomp-port" | default 61614 }}, portName: stomp, protocol: stomp}
{{- end }}
{{- end }}
{{- end -}}
