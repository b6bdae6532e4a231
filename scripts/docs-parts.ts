import { inBoth, type Language, type Text } from '../src/base/text.ts';
import { commands } from '../src/cli/commands.ts';
import { type LockSupport, type Provider, providers } from '../src/store/providers.ts';

/**
 * Parts of the documents that the code knows better: they are made here, and stand between `<!-- NAME -->` and
 * `<!-- /NAME -->`.
 */

export interface DocPart {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map(row).join('');

function commandTable(language: Language): string {
  const header = { en: ['command', 'what it does'], id: ['perintah', 'yang dikerjakan'] }[language];
  const rows = commands.map(({ name, aliases, describe }) => [
    [name, ...aliases].map((one) => `\`${one}\``).join(', '),
    describe[language],
  ]);
  return table(header, rows);
}

const leaveOut: Text = { en: 'leave out', id: 'kosongkan' };
const ownAddress: Text = { en: 'the address of your server', id: 'alamat server Anda' };
const notTried: Text = { en: 'not tried', id: 'belum dicoba' };
const allTests: Text = { en: 'all tests', id: 'semua pengujian' };
const locks: Record<LockSupport, Text> = {
  objects: { en: 'yes', id: 'ada' },
  rules: {
    en: 'rules on the bucket, which S3 does not show',
    id: 'aturan pada bucket, tidak terlihat lewat S3',
  },
  none: { en: 'none', id: 'tidak ada' },
  unknown: { en: 'not documented', id: 'tidak didokumentasikan' },
};

const addressOf = ({ id, endpoints }: Provider, language: Language): string => {
  if (id === 'aws') return leaveOut[language];
  if (endpoints.length === 0) return ownAddress[language];
  return endpoints.map(({ place, host }) => `${place[language]}: \`https://${host}\``).join('<br>');
};

const regionOf = ({ endpoints }: Provider, language: Language): string => {
  const regions = endpoints.map(({ region }) => (region === null ? leaveOut[language] : `\`${region}\``));
  return regions.join('<br>') || leaveOut[language];
};

function providerTable(language: Language): string {
  const header = {
    en: [
      'provider',
      '`AWS_ENDPOINT_URL_S3`',
      '`AWS_REGION`',
      'object lock',
      'keys that may do less',
      'this program on it',
    ],
    id: [
      'penyedia',
      '`AWS_ENDPOINT_URL_S3`',
      '`AWS_REGION`',
      'penguncian objek',
      'kunci akses terbatas',
      'program ini di sana',
    ],
  }[language];
  const rows = providers.map((provider) => [
    provider.source === null ? provider.name : `[${provider.name}](${provider.source})`,
    addressOf(provider, language),
    regionOf(provider, language),
    locks[provider.lock][language],
    provider.restrictedKeys[language],
    (provider.tested ? allTests : notTried)[language],
  ]);
  return table(header, rows);
}

const clicks = (language: Language): string =>
  providers.map(({ name, whereToClick }) => `- **${name}**: ${whereToClick[language]}\n`).join('');

const makers: readonly {
  readonly guide: string;
  readonly name: string;
  readonly make: (language: Language) => string;
}[] = [
  { guide: 'docs/COMMANDS', name: 'commands', make: commandTable },
  { guide: 'docs/STORES', name: 'providers', make: providerTable },
  { guide: 'docs/STORES', name: 'clicks', make: clicks },
];

/** All of them, in both languages. */
export const docParts: readonly DocPart[] = makers.flatMap(({ guide, name, make }) => {
  const text = inBoth(make);
  return [
    { path: `${guide}.md`, name, text: text.en },
    { path: `${guide}.id.md`, name, text: text.id },
  ];
});

/** The document with that part as it should be; throws where it has no place for it. */
export function withPart(markdown: string, { path, name, text }: DocPart): string {
  const place = new RegExp(`(<!-- ${name} -->\n\n)[^]*?(\n<!-- /${name} -->\n)`);
  if (!place.test(markdown)) throw new Error(`${path} has no place for ${name}`);
  return markdown.replace(place, (_, before: string, after: string) => `${before}${text}${after}`);
}
