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
