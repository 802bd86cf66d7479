{{/* What checkov finds in a workload, and why it stays. Takes (list root component). */}}
{{- define "outrider.acceptedFindings" -}}
{{- $component := index . 1 -}}
checkov.io/skip1: CKV_K8S_11=A limit of CPU time throttles bursts. Requests share the time fairly.
checkov.io/skip2: CKV_K8S_15=A tag or a digest of a release never changes, so it need not be pulled again.
checkov.io/skip3: CKV_K8S_43=The values take a digest, image.digest. Which one is for the operator to say.
{{- if or $component.channel (index . 0).Values.consul.tokenSecret.name (eq $component.store.type "mongodb") }}
checkov.io/skip4: CKV_K8S_35=URIs with passwords, and tokens, are variables, since a file of settings is a config map that many may read.
{{- end }}
{{- end -}}
