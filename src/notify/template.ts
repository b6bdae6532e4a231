/** Texts with `{placeholders}`, written so that what is put in stays one value of whatever surrounds it. */

export const placeholders = ['status', 'name', 'age', 'hint', 'text', 'outcome', 'exit'] as const;
export type Fields = Readonly<Record<(typeof placeholders)[number], string>>;

/** What a value is put into. */
export type Form = 'json' | 'form' | 'xml' | 'plain' | 'url';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapes: Readonly<Record<Form, (value: string) => string>> = {
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: (value) => new URLSearchParams([['', value]]).toString().slice(1),
  xml: (value) => value.replace(/[&<>"']/g, (c) => entities[c] ?? c),
  plain: (value) => value,
  url: (value) => encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
};

/** Nothing that is put in is looked at again: a name may hold braces. */
export const fill = (template: string, fields: Fields, form: Form): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const known = placeholders.find((one) => one === name);
    return known === undefined ? whole : escapes[form](fields[known]);
  });

/** The first word in braces that is no placeholder, or null. Words in braces are no JSON, so none is meant to be sent. */
export const unknownPlaceholder = (template: string): string | null =>
  [...template.matchAll(/\{(\w+)\}/g)]
    .map(([, name = '']) => name)
    .find((name) => !placeholders.some((one) => one === name)) ?? null;

/** With what no form can hold as it stands, to try a template with. */
const sample = 'a "b" \\ <c>\n&d=e';
export const sampleFields: Fields = {
  status: sample,
  name: sample,
  age: sample,
  hint: sample,
  text: sample,
  outcome: 'attention',
  exit: '20',
};

/** What a body is by its header, or else by what it looks like. */
export function formOf(template: string, contentType: string | null): Form {
  if (contentType !== null) {
    if (/\bjson\b/i.test(contentType)) return 'json';
    if (/x-www-form-urlencoded/i.test(contentType)) return 'form';
    return /\b(xml|html)\b/i.test(contentType) ? 'xml' : 'plain';
  }
  if (/^\s*\{\s*"/.test(template)) return 'json';
  return /^\s*[[{]/.test(template) && parsedJson(fill(template, sampleFields, 'json')) !== undefined
    ? 'json'
    : 'plain';
}

/** Undefined for what is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const typeOf: Readonly<Record<Exclude<Form, 'url'>, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  xml: 'application/xml; charset=utf-8',
  plain: 'text/plain; charset=utf-8',
};
