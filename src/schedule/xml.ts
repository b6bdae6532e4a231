/** As much of XML as tasks of Windows and property lists have: elements, attributes passed over, texts. */

export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** What stands in it before, between and behind its elements. */
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const plain = (text: string): string =>
  text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );

/** The root element; null where the text is not XML of this kind. */
export function parseXml(source: string): Element | null {
  const open: { name: string; children: Element[]; text: string }[] = [{ name: '', children: [], text: '' }];
  const tokens = /<!--.*?-->|<[?!][^>]*>|<(\/?)([\w:.-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/gs;
  let end = 0;
  for (const token of source.replace(/^\ufeff/, '').matchAll(tokens)) {
    // What no token covers is no XML.
    if (token.index !== end) return null;
    end += token[0].length;
    const [, slash, name, isEmpty, text] = token;
    const inner = open.at(-1);
    if (inner === undefined) return null;
    if (text !== undefined) inner.text += plain(text);
    else if (name === undefined) continue;
    else if (slash === '/') {
      open.pop();
      if (inner.name !== name || open.length === 0) return null;
    } else {
      const element = { name, children: [], text: '' };
      inner.children.push(element);
      if (isEmpty !== '/') open.push(element);
    }
  }
  const [outer] = open;
  return open.length === 1 && outer?.children.length === 1 ? (outer.children[0] ?? null) : null;
}

/** The elements along a path of names below one. */
export const below = (element: Element, ...path: readonly string[]): readonly Element[] =>
  path.reduce<readonly Element[]>(
    (found, name) => found.flatMap((one) => one.children.filter((child) => child.name === name)),
    [element],
  );

/** The text of the first element along a path; null where there is none. */
export const textBelow = (element: Element, ...path: readonly string[]): string | null =>
  below(element, ...path)[0]?.text.trim() ?? null;
