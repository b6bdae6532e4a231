import { moment } from '../../base/phrases.ts';
import { type Text, verbatim } from '../../base/text.ts';

/* Every history of a bucket or folder (fleet.ts). */

export const listing = (store: string): Text => ({ en: `listing ${store}`, id: `membaca daftar ${store}` });
export const noPrefixes = (store: string): Text => ({
  en: `nothing of efaktur-cloud lies in ${store}`,
  id: `tidak ada cadangan efaktur-cloud di ${store}`,
});
export const pushThere: Text = {
  en: 'Check the address; "efaktur-cloud push" makes the first backup.',
  id: 'Periksa alamatnya; "efaktur-cloud push" membuat cadangan pertama.',
};
/** The most names that are told. */
const toldNames = 10;
export function prefixesInNeed(prefixes: readonly string[], of: number): Text {
  const told = prefixes
    .slice(0, toldNames)
    .map((prefix) => prefix || '""')
    .join(', ');
  const more = prefixes.length - toldNames;
  return {
    en: `${prefixes.length} of ${of} prefixes need attention: ${told}${more > 0 ? ` and ${more} more` : ''}`,
    id: `${prefixes.length} dari ${of} prefix perlu perhatian: ${told}${more > 0 ? ` dan ${more} lagi` : ''}`,
  };
}
export const seeEach: Text = {
  en: 'With -v each says what to do.',
  id: 'Dengan -v masing-masing menunjukkan apa yang harus dilakukan.',
};
export const noSuchPrefix = (prefix: string): Text => ({
  en: `--except: there is no prefix "${prefix}" there`,
  id: `--except: tidak ada prefix "${prefix}" di sana`,
});
export const seeStatus: Text = {
  en: 'Without --except all prefixes are shown.',
  id: 'Tanpa --except semua prefix ditampilkan.',
};
export const verifyPrefix = (store: string): Text => {
  const command = `efaktur-cloud verify --read-data --store "${store}"`;
  return {
    en: `Run "${command}" with keys that may read it.`,
    id: `Jalankan "${command}" dengan kunci yang boleh membacanya.`,
  };
};

/* Two computers at one history (computers.ts). Times are RFC 3339. */

export interface Writers {
  readonly writer: string;
  readonly owner: string;
  readonly at: string;
}
export function afterTakenOver(store: string, { writer, owner, at }: Writers): Text {
  const when = moment(at);
  return {
    en: `two computers write to ${store}: ${writer} stored the newest backup (${when.en}) after ${owner} had taken it over`,
    id: `dua komputer menulis ke ${store}: ${writer} menyimpan cadangan terbaru (${when.id}) setelah ${owner} mengambil alih`,
  };
}
export function tookTurns(store: string, computers: readonly string[], at: string): Text {
  const [names, when] = [verbatim(computers.join(', ')), moment(at)];
  return {
    en: `several computers take turns at ${store}: ${names.en}, the last time on ${when.en}`,
    id: `beberapa komputer bergantian menulis ke ${store}: ${names.id}, terakhir pada ${when.id}`,
  };
}
export const keepOneComputer: Text = {
  en: 'Find out which of them has the newest invoices, and give each of them a prefix of its own if both are used.',
  id: 'Cari tahu komputer mana yang mempunyai faktur terbaru, dan bila keduanya dipakai, beri masing-masing prefix sendiri.',
};
