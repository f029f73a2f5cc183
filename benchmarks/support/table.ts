/** Cells of one row, in the order of the headings. */
export type TableRow = readonly (string | number)[];

/** Text of a table with aligned columns: the first to the left, the others to the right. */
export function tableOf(headings: readonly string[], rows: readonly TableRow[]): string {
  const cells = [headings, ...rows.map((row) => row.map(cellOf))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row.map((cell, column) => pad(cell, { width: widths[column] ?? 0, left: column === 0 })).join('  '),
  );
  return lines.map((line) => `  ${line.trimEnd()}`).join('\n');
}

/** Whole numbers from a thousand on with a comma for each three digits, small ones with three digits that count. */
export function cellOf(value: string | number): string {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function pad(cell: string, { width, left }: { readonly width: number; readonly left: boolean }): string {
  return left ? cell.padEnd(width) : cell.padStart(width);
}
