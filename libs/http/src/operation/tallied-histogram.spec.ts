import { describe, expect, it } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { TalliedHistogram } from './tallied-histogram.js';

const BUCKETS = [0.01, 0.1, 1];
const VALUES = [0, 0.005, 0.01, 0.0100001, 0.1, 0.5, 1, 1.5, 100];
const OTHERS = [0.2, 3];
const SMALL = { name: 'n', help: 'h', labelNames: ['a'] as const, buckets: [1] };

function textOf(fill: (registry: Registry) => void): Promise<string> {
  const registry = new Registry();
  fill(registry);
  return registry.metrics();
}

describe('TalliedHistogram', () => {
  it('tells the same as a histogram of prom-client, bucket for bucket and letter for letter', async () => {
    const config = { name: 'some_seconds', help: 'Some seconds', labelNames: ['a', 'b'] as const, buckets: BUCKETS };
    const plain = await textOf((registry) => {
      const histogram = new Histogram({ ...config, registers: [registry] });
      for (const value of VALUES) histogram.observe({ a: 'x', b: 'y"z' }, value);
      for (const value of OTHERS) histogram.observe({ a: 'x', b: '' }, value);
    });
    const tallied = await textOf((registry) => {
      const histogram = new TalliedHistogram({ ...config, registers: [registry] });
      const [first, second] = [histogram.tallyOf({ a: 'x', b: 'y"z' }), histogram.tallyOf({ a: 'x', b: '' })];
      for (const value of VALUES) first.observe(value);
      for (const value of OTHERS) second.observe(value);
    });
    expect(tallied).toBe(plain);
    expect(tallied).toContain('some_seconds_count{a="x",b="y\\"z"} 9');
  });

  it('shows a series that nothing was observed of yet as 0, so that its first observation is an increase', async () => {
    const text = await textOf((registry) => {
      const histogram = new TalliedHistogram({ ...SMALL, registers: [registry] });
      histogram.tallyOf({ a: 'x' });
    });
    expect(text).toContain('n_bucket{le="+Inf",a="x"} 0');
    expect(text).toContain('n_count{a="x"} 0');
  });

  it('is told as objects, too', async () => {
    const registry = new Registry();
    const histogram = new TalliedHistogram({ ...SMALL, registers: [registry] });
    histogram.tallyOf({ a: 'x' }).observe(2);
    const [metric] = await registry.getMetricsAsJSON();
    expect(metric).toMatchObject({ name: 'n', type: 'histogram' });
    const values = (metric as unknown as { values: object[] }).values;
    expect(values).toContainEqual(expect.objectContaining({ metricName: 'n_sum', labels: { a: 'x' }, value: 2 }));
  });
});
