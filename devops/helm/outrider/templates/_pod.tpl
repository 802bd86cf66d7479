{{/* The template of a component's pods. Takes (list root component). */}}
{{- define "outrider.pod" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := $root.Values -}}
{{- $pod := $component.values.pod -}}
metadata:
  labels:
    {{- include "outrider.componentSelector" (list $root $component.component) | nindent 4 }}
    {{- with $pod.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: outrider
    # Settings and URIs are read at the start: pods are replaced when they change. Consul's are followed.
    outrider.io/configuration: {{ include "outrider.consul" . | default (include "outrider.configuration" .) | sha256sum }}
    {{- with include "outrider.ruledSagas" $component | fromJsonArray }}
    outrider.io/rules: {{ toJson . | sha256sum }}
    {{- end }}
    outrider.io/uris: {{ printf "%s %s" $component.store.uri ($component.channel).uri | sha256sum }}
    {{- with $pod.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "outrider.name" (list $root $component.name) }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # Longer than the pause and the drain together.
  terminationGracePeriodSeconds: {{ add $values.endpointsDelay $values.drainTimeout 10 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
  {{- with index $pod $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  topologySpreadConstraints:
    {{- if $pod.topologySpreadConstraints }}
    {{- toYaml $pod.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "outrider.componentSelector" (list $root $component.component) | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- if $values.tls.secretName }}
  # The readiness probe calls a service's name, which the certificate has, and reaches its own pod.
  hostAliases:
    - ip: 127.0.0.1
      hostnames: [{{ include "outrider.host" (list $root (index $component.services 0).name) }}]
  {{- end }}
  {{- with $component.logic }}
  # Logic is a native sidecar: it ends after Outrider has answered the calls under way.
  initContainers:
    {{- range . }}
    {{- include "outrider.logicContainer" (list $root .) | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    {{- include "outrider.container" . | nindent 4 }}
  volumes:
    {{- include "outrider.volumes" . | nindent 4 }}
{{- end -}}

{{/* Outrider. Takes (list root component). */}}
{{- define "outrider.container" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := $root.Values -}}
- name: outrider
  image: {{ include "outrider.image" $root }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  args: [{{ $component.role }}]
  env:
    - name: OUTRIDER_CONFIG
      value: {{ include "outrider.consul" . | default "/etc/outrider/outrider.yaml" }}
    {{- with $values.consul }}
    {{- with .tokenSecret.name }}
    {{- include "outrider.secretVariable" (dict "name" "CONSUL_HTTP_TOKEN" "from" (dict "secret" . "key" $values.consul.tokenSecret.key)) | nindent 4 }}
    {{- end }}
    {{- with .authorities }}
    - name: CONSUL_CACERT
      value: /etc/outrider/files/{{ . }}
    {{- end }}
    {{- end }}
    {{- if eq $component.store.type "mongodb" }}
    {{- include "outrider.secretVariable" (dict "name" "OUTRIDER_STORE" "from" $component.store) | nindent 4 }}
    {{- end }}
    {{- with $component.channel }}
    {{- include "outrider.secretVariable" (dict "name" "OUTRIDER_CHANNEL" "from" .) | nindent 4 }}
    {{- end }}
  ports:
    {{- range $component.services }}
    - {name: {{ .portName }}, containerPort: {{ .port }}}
    {{- end }}
    {{- if $values.metrics.enabled }}
    - {name: metrics, containerPort: 9464}
    {{- end }}
  {{- include "outrider.probes" . | nindent 2 }}
  lifecycle:
    preStop:
      sleep: {seconds: {{ $values.endpointsDelay }}}
  resources:
    {{- toYaml $component.values.resources | nindent 4 }}
  securityContext:
    {{- include "outrider.securityContext" $root | nindent 4 }}
  volumeMounts:
    - {name: configuration, mountPath: /etc/outrider/outrider.yaml, subPath: outrider.yaml, readOnly: true}
    {{- range include "outrider.ruledSagas" $component | fromJsonArray }}
    - {name: configuration, mountPath: /etc/outrider/rules/{{ .name }}.yaml, subPath: rules-{{ .name }}.yaml, readOnly: true}
    {{- end }}
    {{- if eq $component.store.type "sqlite" }}
    - {name: data, mountPath: /var/lib/outrider}
    {{- end }}
    {{- if eq $component.store.type "mongodb" }}
    # A container that is started again finds that the one before has ended, and takes its leases.
    - {name: lives, mountPath: /tmp}
    {{- end }}
    {{- if $values.tls.secretName }}
    - {name: tls, mountPath: /etc/outrider/tls, readOnly: true}
    {{- end }}
    {{- if $values.files.secretName }}
    - {name: files, mountPath: /etc/outrider/files, readOnly: true}
    {{- end }}
    {{- if $values.tokens.keysSecret.name }}
    - {name: keys, mountPath: /etc/outrider/keys, readOnly: true}
    {{- end }}
    {{- if $values.tokens.peerAudience }}
    - {name: token, mountPath: /var/run/outrider, readOnly: true}
    {{- end }}
    {{- if $values.descriptors.configMap }}
    - {name: descriptors, mountPath: /etc/outrider/descriptors, readOnly: true}
    {{- end }}
    {{- if $values.schemas.configMap }}
    - {name: schemas, mountPath: /etc/outrider/schemas, readOnly: true}
    {{- end }}
{{- end -}}

{{/*
Started and alive: the process answers. Ready: the store does, too. A store that is away must not
restart a pod, since that would bring nothing back. Takes (list root component).
*/}}
{{- define "outrider.probes" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $tls := $root.Values.tls -}}
startupProbe:
  {{- include "outrider.answers" . | nindent 2 }}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  {{- include "outrider.answers" . | nindent 2 }}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  {{- if eq $component.role "gateway" }}
  {{- if $tls.clientCertificates }}
  tcpSocket: {port: {{ $component.probe }}}
  {{- else }}
  httpGet: {path: /healthz, port: http, scheme: {{ ternary "HTTPS" "HTTP" (ne $tls.secretName "") }}}
  {{- end }}
  {{- else if $tls.secretName }}
  # Kubelet's own probe of gRPC speaks no TLS.
  exec:
    command:
      - {{ $root.Values.image.executable }}
      - health
      - --address={{ include "outrider.host" (list $root (index $component.services 0).name) }}:{{ $component.probe }}
      - --deadline=4s
      {{- if include "outrider.consul" . }}
      # A pod stays ready while Consul is away.
      - --config=/etc/outrider/outrider.yaml
      {{- end }}
  {{- else }}
  grpc: {port: {{ $component.probe }}}
  {{- end }}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{/* The metrics' listener answers without a certificate; where there is none, a port that is open must do. */}}
{{- define "outrider.answers" -}}
{{- $root := index . 0 -}}
{{- $tls := $root.Values.tls -}}
{{- if and $root.Values.metrics.enabled (not $tls.clientCertificates) -}}
httpGet: {path: /metrics, port: metrics, scheme: {{ ternary "HTTPS" "HTTP" (ne $tls.secretName "") }}}
{{- else -}}
tcpSocket: {port: {{ (index . 1).probe }}}
{{- end -}}
{{- end -}}

{{/* A variable from a secret. Takes a dict of name and from. */}}
{{- define "outrider.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: {name: {{ .from.secret }}, key: {{ .from.key }}}
{{- end -}}

{{- define "outrider.securityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* A container of logic. Takes (list root logic), as `outrider.components` has it. */}}
{{- define "outrider.logicContainer" -}}
{{- $root := index . 0 -}}
{{- $logic := index . 1 -}}
{{- $values := $logic.values -}}
- name: {{ $logic.name }}
  image: {{ $values.image }}
  imagePullPolicy: {{ $values.pullPolicy }}
  restartPolicy: Always
  {{- with $values.command }}
  command:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.args }}
  args:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  env:
    {{- range $name, $port := $logic.variables }}
    - name: {{ $name }}
      value: 127.0.0.1:{{ $port }}
    {{- end }}
    {{- if and (hasKey $logic.variables "OUTRIDER_LOGIC_ADDRESS") $root.Values.logicSettings.protocol }}
    - name: OUTRIDER_LOGIC_PROTOCOL
      value: {{ $root.Values.logicSettings.protocol }}
    {{- end }}
    {{- with $values.env }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- range $key := list "envFrom" "startupProbe" "readinessProbe" "livenessProbe" }}
  {{- with index $values $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  resources:
    {{- toYaml $values.resources | nindent 4 }}
  securityContext:
    {{- mergeOverwrite (include "outrider.securityContext" $root | fromYaml) ($values.securityContext | default dict) | toYaml | nindent 4 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp, subPath: {{ $logic.name }}}
    {{- with $values.volumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Takes (list root component). */}}
{{- define "outrider.volumes" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := $root.Values -}}
- name: configuration
  configMap:
    name: {{ include "outrider.name" (list $root $component.name) }}
{{- if $component.logic }}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- end }}
{{- if eq $component.store.type "mongodb" }}
- name: lives
  emptyDir: {sizeLimit: 1Mi}
{{- end }}
{{- with $values.tls.secretName }}
- name: tls
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with $values.files.secretName }}
- name: files
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with $values.tokens.keysSecret.name }}
- name: keys
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with $values.tokens.peerAudience }}
- name: token
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, audience: {{ quote . }}, expirationSeconds: 3600}
{{- end }}
{{- with $values.descriptors.configMap }}
- name: descriptors
  configMap: {name: {{ . }}}
{{- end }}
{{- with $values.schemas.configMap }}
- name: schemas
  configMap: {name: {{ . }}}
{{- end }}
{{- $volumes := list }}
{{- range $component.logic }}{{ $volumes = concat $volumes (.values.volumes | default list) }}{{ end }}
{{- with $volumes | uniq }}
{{ toYaml . }}
{{- end }}
{{- end -}}
