interface RoutePattern {
  readonly url: string;
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

export interface RouteEntry {
  readonly method: string;
  /** In Fastify's form, `/v1/things/:uid`. */
  readonly url: string;
}

/** Every route of the server, whoever declared it. */
export class RouteTable {
  private readonly patterns = new Map<string, RoutePattern>();

  add(methods: string | readonly string[], url: string): void {
    const known = this.patterns.get(url) ?? { url, pattern: patternOf(url), methods: new Set<string>() };
    for (const method of typeof methods === 'string' ? [methods] : methods) known.methods.add(method);
    this.patterns.set(url, known);
  }

  /** Methods that the path of a request target exists for; none when there is no such path. */
  methodsOf(target: string): string[] {
    const path = target.split('?', 1)[0] ?? '/';
    const methods = new Set<string>();
    for (const { pattern, methods: own } of this.patterns.values()) {
      if (pattern.test(path)) own.forEach((method) => methods.add(method));
    }
    return [...methods].sort();
  }

  /** All routes; for comparing the router with the OpenAPI document. */
  entries(): RouteEntry[] {
    return [...this.patterns.values()].flatMap(({ url, methods }) => [...methods].map((method) => ({ method, url })));
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*';
      return segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
