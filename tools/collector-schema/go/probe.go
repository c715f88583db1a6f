package main

import (
	"reflect"
	"sort"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
)

const unknownKey = "phoenix_probe_key"

// place is where a value sits in one component's configuration.
type place struct {
	w    *walker
	wrap func(any) any
}

func (p place) in(key string) place {
	return place{p.w, func(v any) any { return p.wrap(map[string]any{key: v}) }}
}

func (p place) inList() place {
	return place{p.w, func(v any) any { return p.wrap([]any{v}) }}
}

// refuses is what the component says to a configuration that has only this value at this place.
func (p place) refuses(value any) error {
	_, err := p.load(value)
	return err
}

func (p place) load(value any) (config component.Config, err error) {
	raw, isMap := p.wrap(value).(map[string]any)
	if !isMap {
		return nil, nil
	}
	config = p.w.create()
	// A component that breaks over a value has at least read it: the field exists and the kind fits.
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	err = confmap.NewFromStringMap(raw).Unmarshal(config)
	return config, err
}

// knows tells whether a field of this name exists for the collector.
func (p place) knows(name string) bool {
	err := p.in(name).refuses(nil)
	return err == nil || !isUnknownKey(err, name)
}

func isUnknownKey(err error, name string) bool {
	message := err.Error()
	return strings.Contains(message, name) &&
		(strings.Contains(message, "invalid keys") || strings.Contains(message, "unused keys"))
}

// probeUnknown finds out what happens to a field that the types do not name.
func (p place) probeUnknown(into *node) {
	if into.Open {
		return
	}
	into.Silent = p.in(unknownKey).refuses(nil) == nil
}

// samples of each kind of YAML value. A string has to be one that the place likes.
var samples = map[string][]any{
	"null":   {nil},
	"bool":   {true},
	"int":    {1},
	"float":  {1.5},
	"string": {"x", "", "1s", "1", "true", "basic", "info", "gzip", "fraction", "ignore", "metric", "1.2", "1:1", "items", "auto"},
	"list":   {[]any{}, []any{"x"}, []any{map[string]any{"name": "a", "value": "b"}}},
	"map":    {map[string]any{}, map[string]any{"x": "y"}},
}

// noWord is a text that only places with words of their own refuse.
const noWord = "phoenixprobe"

// vocabulary has the words of all closed vocabularies of the collector: error modes, contexts, levels, compressions,
// encodings, units of size and initial values.
var vocabulary = []string{
	"ignore", "propagate", "silent",
	"resource", "scope", "instrumentation_scope", "metric", "datapoint", "log", "span", "spanevent", "profile",
	"profilesample", "otelcol",
	"none", "basic", "normal", "detailed",
	"debug", "info", "warn", "error", "dpanic", "panic", "fatal",
	"gzip", "zlib", "deflate", "snappy", "x-snappy-framed", "zstd", "lz4",
	"proto", "json",
	"requests", "items", "bytes",
	"auto", "keep", "drop",
	"tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "ip", "ip4", "ip6", "unix", "unixgram", "unixpacket", "npipe",
	"console", "strict", "regexp", "sum", "avg", "min", "max",
	"grpc", "http/protobuf", "http/json", "cumulative", "delta", "lowmemory",
	"explicit_bucket_histogram", "base2_exponential_bucket_histogram",
	"counter", "up_down_counter", "histogram", "gauge",
	"observable_counter", "observable_up_down_counter", "observable_gauge",
}

var suggested = map[string][]string{
	"bool": {"bool"}, "int": {"int"}, "float": {"int", "float"}, "string": {"string"},
	"duration": {"string"}, "list": {"list"}, "map": {"map"}, "object": {"map"},
}

// probed notes where the collector takes another kind of value than the type suggests.
func (p place) probed(n *node) *node {
	if isNothing(n.Default) {
		n.Default = nil
	}
	if _, isMap := p.wrap(1).(map[string]any); !isMap {
		return n
	}
	expected := map[string]bool{"null": true}
	for _, kind := range suggested[n.Type] {
		expected[kind] = true
	}
	for kind, values := range samples {
		accepted := p.takesAny(values, n.Default)
		if accepted && !expected[kind] {
			n.Also = append(n.Also, kind)
		}
		// Where no sample text was liked, the place has its own words.
		if !accepted && expected[kind] && kind != "string" {
			n.Not = append(n.Not, kind)
		}
	}
	if n.Type == "string" && p.refuses(noWord) != nil {
		n.Words = p.accepted(vocabulary)
	}
	sort.Strings(n.Also)
	sort.Strings(n.Not)
	return n
}

// isNothing tells whether a default says nothing: a zero, or a limit so large that it means none.
func isNothing(value any) bool {
	number, isNumber := value.(int64)
	return value == nil || value == "0s" || reflect.ValueOf(value).IsZero() || isNumber && number > 1<<53
}

func (p place) takesAny(values []any, def any) bool {
	for _, value := range values {
		if p.refuses(value) == nil {
			return true
		}
	}
	text, isText := def.(string)
	_, asksForText := values[0].(string)
	return isText && asksForText && p.refuses(text) == nil
}

func (p place) accepted(words []string) []string {
	var taken []string
	for _, word := range words {
		if p.refuses(word) == nil {
			taken = append(taken, word)
		}
	}
	return taken
}

// subConfig is the default configuration of a sub-component, or nil where there is none of this name.
func (p place) subConfig(name string) component.Config {
	config, err := p.load(map[string]any{})
	if err != nil {
		return nil
	}
	value := plain(reflect.ValueOf(config))
	for i := range value.NumField() {
		if value.Field(i).Type() == subsType {
			return value.Field(i).Interface().(map[component.Type]component.Config)[component.MustNewType(name)]
		}
	}
	return nil
}
