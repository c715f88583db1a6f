package main

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
)

// node is what one place of a configuration takes.
type node struct {
	// Type is bool, int, float, string, duration, list, map, object or any.
	Type string `json:"type"`
	// Also lists the kinds of YAML values that the collector takes here beyond those that the type suggests.
	Also []string `json:"also,omitempty"`
	// Not lists the kinds that the type suggests and the collector refuses.
	Not     []string         `json:"not,omitempty"`
	// Words are all that a text can be, where the collector refuses others.
	Words   []string         `json:"words,omitempty"`
	Default any              `json:"default,omitempty"`
	Secret  bool             `json:"secret,omitempty"`
	Item    *node            `json:"item,omitempty"`
	Fields  map[string]*node `json:"fields,omitempty"`
	// Open objects take fields that cannot be known.
	Open bool `json:"open,omitempty"`
	// Silent objects ignore fields that they do not know instead of refusing them.
	Silent bool `json:"silent,omitempty"`
}

var (
	durationType    = reflect.TypeFor[time.Duration]()
	secretType      = reflect.TypeFor[configopaque.String]()
	secretListType  = reflect.TypeFor[configopaque.MapList]()
	subsType        = reflect.TypeFor[map[component.Type]component.Config]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// walker goes down one component's configuration. It knows the fields from the Go types, and asks the collector's
// own Unmarshal about everything that types do not tell.
type walker struct {
	create func() component.Config
	subs   []string
	stack  map[reflect.Type]int
}

func reflectConfig(create func() component.Config, subs []string) *node {
	w := &walker{create: create, subs: subs, stack: map[reflect.Type]int{}}
	return w.walk(reflect.ValueOf(create()), place{w: w, wrap: func(v any) any { return v }})
}

func (w *walker) walk(value reflect.Value, at place) *node {
	typ := value.Type()
	switch {
	case typ.Kind() == reflect.Pointer:
		return w.walk(pointed(value), at)
	case isOptional(typ):
		return w.optional(value, at)
	case typ == secretListType:
		return at.probed(&node{Type: "map", Item: &node{Type: "string", Secret: true}})
	case typ == subsType:
		return w.subComponents(at)
	case typ == durationType:
		return at.probed(&node{Type: "duration", Default: time.Duration(value.Int()).String()})
	case reflect.PointerTo(typ).Implements(textUnmarshaler):
		return at.probed(&node{Type: "string", Default: textOf(value)})
	}
	return w.walkKind(value, at)
}

func (w *walker) walkKind(value reflect.Value, at place) *node {
	switch kind := value.Kind(); kind {
	case reflect.Bool:
		return at.probed(&node{Type: "bool", Default: value.Bool()})
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return at.probed(&node{Type: "int", Default: value.Int()})
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return at.probed(&node{Type: "int", Default: value.Uint()})
	case reflect.Float32, reflect.Float64:
		return at.probed(&node{Type: "float", Default: value.Float()})
	case reflect.String:
		return at.probed(text(value))
	case reflect.Slice, reflect.Array:
		item := w.walk(reflect.New(value.Type().Elem()).Elem(), at.inList())
		return at.probed(&node{Type: "list", Item: item})
	case reflect.Map:
		item := w.walk(reflect.New(value.Type().Elem()).Elem(), at.in("probe"))
		return at.probed(&node{Type: "map", Item: item})
	case reflect.Struct:
		return w.object(value, at)
	default:
		return &node{Type: "any"}
	}
}

func (w *walker) object(value reflect.Value, at place) *node {
	typ := value.Type()
	if w.stack[typ] > 0 {
		return &node{Type: "any"}
	}
	w.stack[typ]++
	defer func() { w.stack[typ]-- }()
	result := &node{Type: "object", Fields: map[string]*node{}}
	w.fields(value, at, result)
	at.probeUnknown(result)
	return at.probed(result)
}

func (w *walker) fields(value reflect.Value, at place, into *node) {
	typ := value.Type()
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		isSquashed := strings.Contains(options, "squash")
		switch {
		case strings.Contains(options, "remain"):
			into.Open = true
		case isSquashed && (field.IsExported() || field.Anonymous):
			w.fields(plain(value.Field(i)), at, into)
		case field.IsExported() && field.Type == subsType:
			into.Fields["scrapers"] = w.subComponents(at.in("scrapers"))
		case field.IsExported() && name != "-":
			if name == "" {
				name = field.Name
			}
			if at.knows(name) {
				into.Fields[name] = w.walk(value.Field(i), at.in(name))
			}
		}
	}
}

// optional has the fields of what it may hold, and `enabled`.
func (w *walker) optional(value reflect.Value, at place) *node {
	holder := reflect.New(value.Type())
	holder.Elem().Set(value)
	inner := holder.MethodByName("GetOrInsertDefault").Call(nil)[0].Elem()
	result := w.walk(inner, at)
	if result.Fields != nil && at.in("enabled").refuses(false) == nil {
		result.Fields["enabled"] = &node{Type: "bool", Default: true}
	}
	return result
}

func (w *walker) subComponents(at place) *node {
	result := &node{Type: "object", Fields: map[string]*node{}}
	for _, name := range w.subs {
		sub := at.in(name)
		if config := sub.subConfig(name); config != nil {
			result.Fields[name] = w.walk(reflect.ValueOf(config), sub)
		}
	}
	result.Open = len(w.subs) == 0
	return at.probed(result)
}

func isOptional(typ reflect.Type) bool {
	return strings.HasPrefix(typ.Name(), "Optional[") && strings.HasSuffix(typ.PkgPath(), "/configoptional")
}

func pointed(value reflect.Value) reflect.Value {
	if value.IsNil() {
		return reflect.New(value.Type().Elem()).Elem()
	}
	return value.Elem()
}

func plain(value reflect.Value) reflect.Value {
	if value.Kind() == reflect.Pointer {
		return pointed(value)
	}
	return value
}

func text(value reflect.Value) *node {
	if value.Type() == secretType {
		return &node{Type: "string", Secret: true}
	}
	return &node{Type: "string", Default: value.String()}
}

func textOf(value reflect.Value) any {
	if value.Kind() == reflect.String {
		return value.String()
	}
	if stringer, ok := value.Interface().(fmt.Stringer); ok {
		return stringer.String()
	}
	return nil
}
