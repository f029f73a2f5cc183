import { Histogram, type HistogramConfiguration } from 'prom-client';

/** Observations of one set of labels. */
export class Tally {
  sum = 0;
  /** By bucket, each by itself; the last one holds what lies above all bounds. */
  readonly counts: Float64Array;

  /** `bounds`: upper bounds of the buckets, inclusive, ascending. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let bucket = 0;
    // Most observations lie in the first few of about a dozen buckets: to halve the list would take longer.
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += value;
  }
}

type Labels<T extends string> = Readonly<Record<T, string>>;

interface Series<T extends string> {
  readonly labels: Labels<T>;
  readonly tally: Tally;
}

/** A sample as prom-client writes it out, its own labels before those of the series. */
interface Sample {
  readonly metricName: string;
  readonly labels: { readonly le?: number | string };
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * A histogram that is counted in plain arrays and becomes samples when it is scraped. One of prom-client builds and
 * hashes the labels at every observation, also at those of a child: many times what an observation costs here.
 */
export class TalliedHistogram<T extends string> extends Histogram<T> {
  private readonly series: Series<T>[] = [];

  constructor(private readonly config: HistogramConfiguration<T> & { readonly buckets: number[] }) {
    super(config);
  }

  /** The tally of one set of labels, to be kept and observed; it is shown from now on. Once for each set. */
  tallyOf(labels: Labels<T>): Tally {
    const tally = new Tally(this.config.buckets);
    this.series.push({ labels, tally });
    return tally;
  }

  /** What prom-client asks in the first place, for text and for objects. */
  getForPromString(): Promise<object> {
    const { name, help } = this.config;
    const values = this.series.flatMap((series) => this.samplesOf(series));
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' });
  }

  private samplesOf({ labels: sharedLabels, tally }: Series<T>): Sample[] {
    const { name, buckets } = this.config;
    let count = 0;
    const cumulative = [...buckets, '+Inf'].map((le, index) => {
      count += tally.counts[index] as number;
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: count };
    });
    return [
      ...cumulative,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: tally.sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}
