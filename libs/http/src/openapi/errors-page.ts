import { ERROR_CATALOGUE, type ErrorEntry } from '#libs/contracts';

/** A page with every code of the catalogue, each under its own anchor. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(rowOf).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Errors of the Token Ledger API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ccc}
tr:target{background:#fff3c4}</style></head>
<body><h1>Errors</h1>
<p>Every error is <code>application/problem+json</code>; its <code>code</code> is one of these.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>
${rows}
</tbody></table></body></html>
`;
}

function rowOf([code, { status, title, meaning }]: [string, ErrorEntry]): string {
  return `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}: ${withCode(meaning)}</td></tr>`;
}

function withCode(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
