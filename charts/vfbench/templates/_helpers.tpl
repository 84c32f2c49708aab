{{- define "vfbench.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "vfbench.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "vfbench.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "vfbench.selector" -}}
app.kubernetes.io/name: {{ include "vfbench.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "vfbench.labels" -}}
{{ include "vfbench.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* Not the operator's: its policies, Services and budget select by those. */ -}}
{{- define "vfbench.testLabels" -}}
app.kubernetes.io/name: {{ include "vfbench.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "vfbench.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "vfbench.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "vfbench.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* The one place where the rules come from: generated from deploy/base. Arguments: chart, kind, name. */ -}}
{{- define "vfbench.rules" -}}
{{- $rules := index (.root.Files.Get "files/rules.yaml" | fromYaml) .role -}}
{{- toYaml $rules -}}
{{- end -}}

{{- define "vfbench.subjects" -}}
- kind: ServiceAccount
  name: {{ include "vfbench.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
