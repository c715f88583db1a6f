// Program collector-schema prints which fields the components of a generated collector take, as JSON. It stands in
// for the generated main.go, beside the generated components.go.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"
)

// described is one component. Signals maps what it handles ("metrics", "logs-to-metrics") to its stability.
type described struct {
	Module  string            `json:"module"`
	AliasOf string            `json:"aliasOf,omitempty"`
	Signals map[string]string `json:"signals"`
	Config  *node             `json:"config"`
}

func main() {
	factories, err := components()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Sub-components that a configuration reaches only by their names, each as `<component>=<name>`.
	subs := map[string][]string{}
	for _, arg := range os.Args[1:] {
		owner, name, _ := strings.Cut(arg, "=")
		subs[owner] = append(subs[owner], name)
	}
	result := map[string]any{
		"receivers":  describe(factories.Receivers, factories.ReceiverModules, subs),
		"processors": describe(factories.Processors, factories.ProcessorModules, subs),
		"exporters":  describe(factories.Exporters, factories.ExporterModules, subs),
		"connectors": describe(factories.Connectors, factories.ConnectorModules, subs),
		"extensions": describe(factories.Extensions, factories.ExtensionModules, subs),
		"telemetry":  reflectConfig(factories.Telemetry.CreateDefaultConfig, nil),
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func describe[F component.Factory](
	factories map[component.Type]F, modules map[component.Type]string, subs map[string][]string,
) map[string]described {
	all := map[string]described{}
	for name, factory := range factories {
		create := func() component.Config { return factory.CreateDefaultConfig() }
		one := described{
			Module:  modules[name],
			Signals: signals(factory),
			Config:  reflectConfig(create, subs[factory.Type().String()]),
		}
		if alias, ok := any(factory).(aliasProvider); ok && alias.DeprecatedAlias() == name {
			one.AliasOf = mainName(factories, name)
		}
		all[name.String()] = one
	}
	return all
}

// mainName is the other name under which the same component is registered.
func mainName[F component.Factory](factories map[component.Type]F, alias component.Type) string {
	for name, factory := range factories {
		if provider, ok := any(factory).(aliasProvider); ok && name != alias && provider.DeprecatedAlias() == alias {
			return name.String()
		}
	}
	return factories[alias].Type().String()
}

func signals(factory component.Factory) map[string]string {
	switch f := factory.(type) {
	case receiver.Factory:
		return known("metrics", f.MetricsStability(), "logs", f.LogsStability(), "traces", f.TracesStability())
	case processor.Factory:
		return known("metrics", f.MetricsStability(), "logs", f.LogsStability(), "traces", f.TracesStability())
	case exporter.Factory:
		return known("metrics", f.MetricsStability(), "logs", f.LogsStability(), "traces", f.TracesStability())
	case connector.Factory:
		return known(
			"metrics-to-metrics", f.MetricsToMetricsStability(), "metrics-to-logs", f.MetricsToLogsStability(),
			"metrics-to-traces", f.MetricsToTracesStability(), "logs-to-metrics", f.LogsToMetricsStability(),
			"logs-to-logs", f.LogsToLogsStability(), "logs-to-traces", f.LogsToTracesStability(),
			"traces-to-metrics", f.TracesToMetricsStability(), "traces-to-logs", f.TracesToLogsStability(),
			"traces-to-traces", f.TracesToTracesStability(),
		)
	case extension.Factory:
		return known("extension", f.Stability())
	}
	return map[string]string{}
}

func known(pairs ...any) map[string]string {
	result := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		level := pairs[i+1].(component.StabilityLevel)
		if level != component.StabilityLevelUndefined {
			result[pairs[i].(string)] = strings.ToLower(level.String())
		}
	}
	return result
}
