import { bytes, moment } from '../base/phrases.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import type { InitDocument, SetUpFolder } from '../setup/document.ts';
import { timesOf } from './schedule-texts.ts';

/* The last screen of a set-up (init-carry-out.ts). */

const provenTitle: Text = { en: 'Verified: it can be restored', id: 'Terbukti dapat dipulihkan' };
const storedTitle: Text = {
  en: 'Stored, but not read back in full here',
  id: 'Tersimpan, tetapi belum dibaca kembali sepenuhnya di sini',
};
const unwellTitle: Text = {
  en: 'Stored and read back, but something is wrong: it is told below',
  id: 'Tersimpan dan sudah dibaca kembali, tetapi ada yang salah: lihat di bawah',
};
const failedTitle: Text = {
  en: 'Not everything is set up',
  id: 'Belum semuanya diatur',
};

const proofs: Readonly<Record<'data' | 'present' | 'none', Text>> = {
  data: {
    en: 'read back from every store in full, and sound',
    id: 'dibaca kembali seluruhnya dari setiap tempat cadangan, dan utuh',
  },
  present: {
    en: 'is there in full; nobody here has the secret key that opens it, so it was not read',
    id: 'ada seluruhnya; kunci rahasia yang membukanya tidak ada di sini, jadi isinya tidak dibaca',
  },
  none: {
    en: 'this access key may not read; verify it from a PC whose key may',
    id: 'kunci akses ini tidak boleh membaca; verifikasi dari komputer yang kuncinya boleh',
  },
};

function ofFolder({ app, profile, stores, backup, proof, error }: SetUpFolder): readonly Text[] {
  const indent = (text: Text): Text => inBoth((l) => `  ${text[l]}`);
  const head: Text = { en: `${app} (profile ${profile})`, id: `${app} (profil ${profile})` };
  if (error || !backup || !proof)
    return [head, ...(error ? [indent(error.message), indent(error.hint)] : [])];
  const when = moment(backup.capturedAt);
  const size = bytes(backup.totalBytes);
  return [
    head,
    indent({ en: `state of ${when.en}, ${size.en}`, id: `keadaan ${when.id}, ${size.id}` }),
    indent(proofs[proof]),
    ...stores.map((url) => indent(verbatim(url))),
  ];
}

/** What was stored, what was written where, what runs when, and who proves the rest. */
export function lastScreen(document: InitDocument, stateDir: string): Text {
  const { outcome, profiles, keyFile, sheet, schedule } = document;
  // What was stored may be sound, and e-Faktur's own database not.
  const isReadBack = profiles.every(({ proof }) => proof === 'data');
  const lines: Text[] = [
    { proven: provenTitle, stored: isReadBack ? unwellTitle : storedTitle, failed: failedTitle }[outcome],
    verbatim(''),
  ];
  for (const one of profiles) lines.push(...ofFolder(one), verbatim(''));
  if (schedule) {
    const next = schedule.nextRunAt === null ? null : moment(schedule.nextRunAt);
    const at = timesOf(schedule.at, schedule.kind);
    lines.push({
      en: `Runs by itself ${at.en}${next ? `, next ${next.en}` : ''}: backs up what is new, and verifies a part each time.`,
      id: `Berjalan sendiri ${at.id}${next ? `, berikutnya ${next.id}` : ''}: mencadangkan yang baru, dan memverifikasi sebagian setiap kali.`,
    });
  } else {
    lines.push({
      en: 'Nothing runs by itself: "efaktur-cloud schedule install" changes that.',
      id: 'Belum ada yang berjalan sendiri: "efaktur-cloud schedule install" mengubahnya.',
    });
  }
  const isKeyElsewhere = keyFile === null && profiles.some(({ encrypted }) => encrypted);
  if (isKeyElsewhere)
    lines.push({
      en: "The secret key is not on this PC, so what runs here sees that backups are there in full, and cannot read them. Once a month let a PC with the sheet's key read them: efaktur-cloud verify --read-data, with EFAKTUR_IDENTITY_FILE.",
      id: 'Kunci rahasia tidak ada di komputer ini, jadi yang berjalan di sini melihat bahwa cadangan ada seluruhnya, tanpa dapat membacanya. Sebulan sekali, baca dari komputer yang mempunyai kunci dari lembar itu: efaktur-cloud verify --read-data, dengan EFAKTUR_IDENTITY_FILE.',
    });
  lines.push(
    verbatim(''),
    { en: 'Written on this PC, for you alone:', id: 'Yang ditulis di komputer ini, hanya untuk Anda:' },
    ...profiles
      .filter((one) => one.outcome !== 'failed')
      .map(({ file }): Text => ({ en: `  settings    ${file}`, id: `  pengaturan  ${file}` })),
    ...(keyFile === null ? [] : [{ en: `  secret key  ${keyFile}`, id: `  kunci rahasia ${keyFile}` }]),
    ...(sheet === null
      ? []
      : [
          {
            en: `  sheet       ${sheet} (print it twice, then delete it)`,
            id: `  lembar      ${sheet} (cetak dua kali, lalu hapus)`,
          },
        ]),
    ...(schedule ? [{ en: `  schedule    ${schedule.place}`, id: `  jadwal      ${schedule.place}` }] : []),
    { en: `  records     ${stateDir}`, id: `  catatan     ${stateDir}` },
    verbatim(''),
    {
      en: 'Is everything safe? efaktur-cloud status. To change something: efaktur-cloud init again.',
      id: 'Apakah semuanya aman? efaktur-cloud status. Untuk mengubah sesuatu: efaktur-cloud init lagi.',
    },
  );
  return joined(lines, '\n');
}
