/** A metric that an expression reads, with the labels that the expression needs it to have. */
export interface ReadMetric {
  readonly name: string;
  readonly labels: readonly string[];
}

const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
const RANGE = /\[[^\]]*\]/g;
const SELECTOR = /(?<![\w.$])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?(?![\w({]|\s*\()/g;
const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan']);
/** Prometheus adds these when it scrapes; `le` belongs to the buckets of a histogram. */
const OF_PROMETHEUS = new Set(['job', 'instance', 'le']);

/** The metrics of a PromQL expression. Labels that Prometheus gives every series are left out. */
export function metricsOf(expression: string): ReadMetric[] {
  const grouped = [...expression.matchAll(GROUPING)].flatMap(([, labels = '']) => names(labels));
  const plain = expression.replaceAll(STRING, '""').replaceAll(GROUPING, ' ').replaceAll(RANGE, ' ');
  return [...plain.matchAll(SELECTOR)]
    .filter(([, name = '']) => !WORDS.has(name.toLowerCase()))
    .map(([, name = '', matchers = '']) => ({
      name,
      labels: [...names(matchers.replaceAll(/(?:=~|!~|!=|=)\s*""/g, '')), ...grouped].filter(
        (label) => !OF_PROMETHEUS.has(label),
      ),
    }));
}

function names(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Series of a scrape in the Prometheus text format: name to the labels that any of its samples has. */
export function seriesOf(scrape: string): Map<string, Set<string>> {
  const series = new Map<string, Set<string>>();
  for (const line of scrape.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = series.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label);
    series.set(name, known);
  }
  return series;
}
