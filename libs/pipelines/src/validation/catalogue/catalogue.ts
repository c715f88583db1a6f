/** The kinds of values that YAML knows. */
export type YamlKind = 'null' | 'bool' | 'int' | 'float' | 'string' | 'list' | 'map';

export type FieldType = 'bool' | 'int' | 'float' | 'string' | 'duration' | 'list' | 'map' | 'object' | 'any';

/** What one place of a configuration takes, read from the collector itself. */
export type Field = {
  readonly type: FieldType;
  /** Kinds of values that the collector takes here beside those that the type suggests. */
  readonly also?: readonly YamlKind[];
  /** Kinds that the type suggests and the collector refuses. */
  readonly not?: readonly YamlKind[];
  /** All that a text can be, in lower case; absent where it can be anything. */
  readonly words?: readonly string[];
  readonly default?: unknown;
  /** The collector never shows the value. */
  readonly secret?: boolean;
  /** What a list or a map holds. */
  readonly item?: Field;
  readonly fields?: Readonly<Record<string, Field>>;
  /** The object takes fields that cannot be known. */
  readonly open?: boolean;
  /** The collector ignores unknown fields here instead of refusing them. */
  readonly silent?: boolean;
};

export type ComponentSchema = {
  /** The Go module and its version. */
  readonly module?: string;
  /** The name that took the place of this one. */
  readonly aliasOf?: string;
  /** What it handles (`metrics`; connectors `traces-to-metrics`), and how stable that is. Absent: not known. */
  readonly signals?: Readonly<Record<string, string>>;
  /** Absent: nothing is known about its fields. */
  readonly config?: Field;
};

export const componentKinds = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const;

export type ComponentKind = (typeof componentKinds)[number];

/** The components that a collector offers. */
export type Catalogue = Readonly<Record<ComponentKind, Readonly<Record<string, ComponentSchema>>>> & {
  readonly version: string;
  /** A listing may leave components out, so one that is missing is no error yet. */
  readonly partial?: boolean;
  /** Schemes that `${scheme:…}` may name. */
  readonly providers: readonly string[];
  /** What `service.telemetry` takes. */
  readonly telemetry: Field;
};
