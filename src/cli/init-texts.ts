import { bytes, day, moment } from '../base/phrases.ts';
import { inBoth, listed, type Text } from '../base/text.ts';
import type { FoundFolder } from '../setup/app-folders.ts';
import type { Provider, ProviderEndpoint } from '../store/providers.ts';

/* Beginning (init-command.ts). */

export const initWritesProfiles: Text = {
  en: 'init writes profiles, and --settings names a file of its own',
  id: 'init menulis profil, sedangkan --settings menyebut file tersendiri',
};
export const nameProfileInstead: Text = {
  en: 'Name the profile with --name.',
  id: 'Sebutkan nama profilnya dengan --name.',
};
export const newOrRestoreOnly: Text = {
  en: 'init takes "new" or "restore"',
  id: 'init menerima "new" atau "restore"',
};
export const writeNewOrRestore: Text = {
  en: 'Write "efaktur-cloud init", "efaktur-cloud init new" or "efaktur-cloud init restore".',
  id: 'Tulis "efaktur-cloud init", "efaktur-cloud init new", atau "efaktur-cloud init restore".',
};
export const needsTerminal: Text = {
  en: 'init asks its questions on a terminal, and there is none',
  id: 'init bertanya di terminal, dan terminal tidak ada',
};
export const addYes: Text = {
  en: 'Run it in a terminal window, or add --yes and give every answer as a flag: see init --help.',
  id: 'Jalankan di jendela terminal, atau tambahkan --yes dan berikan setiap jawaban sebagai flag: lihat init --help.',
};
export const welcome: Text = {
  en: 'efaktur-cloud keeps the databases of e-Faktur safe. Nothing is written on this PC until a first backup was read back; Ctrl-C stops at any point.',
  id: 'efaktur-cloud menjaga database e-Faktur tetap aman. Tidak ada yang ditulis di komputer ini sampai cadangan (backup) pertama dibaca kembali; Ctrl-C menghentikan kapan saja.',
};
export const newOrRestore: Text = { en: 'What would you like to do?', id: 'Apa yang ingin Anda lakukan?' };
export const newSetup: Text = {
  en: 'Set up backups on this PC',
  id: 'Mengatur pencadangan di komputer ini',
};
export const restoreHere: Text = {
  en: 'Restore e-Faktur on this computer from a backup',
  id: 'Memulihkan (restore) e-Faktur di komputer ini dari cadangan',
};
export const nothingTyped: Text = { en: 'Nothing was typed.', id: 'Belum ada yang diketik.' };

/* e-Faktur folders (init-new.ts). */

export const lookingForFolders: Text = {
  en: 'Looking for e-Faktur on this PC.',
  id: 'Mencari e-Faktur di komputer ini.',
};
export const noFolderFound: Text = {
  en: 'no e-Faktur folder was found in the usual places of this PC',
  id: 'folder e-Faktur tidak ditemukan di tempat-tempat biasa di komputer ini',
};
export const nameFolder: Text = {
  en: 'Name it with --app: the folder that holds ETaxInvoiceMain and db.',
  id: 'Sebutkan dengan --app: folder yang berisi ETaxInvoiceMain dan db.',
};
export const severalFolders = (found: readonly FoundFolder[]): Text =>
  inBoth((l) => `${severalThere[l]}${found.map((one) => `\n  ${folderLabel(one)[l]}`).join('')}`);
const severalThere: Text = {
  en: 'several e-Faktur folders are on this PC:',
  id: 'ada beberapa folder e-Faktur di komputer ini:',
};
export const nameFolders: Text = {
  en: 'Name one or more with --app; one folder is one PKP.',
  id: 'Sebutkan satu atau lebih dengan --app; satu folder untuk satu PKP.',
};
export const folderLabel = ({ path, newestChange, sizeBytes, newestInvoice }: FoundFolder): Text => {
  const changed = newestChange && moment(newestChange);
  const invoice = newestInvoice && day(newestInvoice);
  return {
    en: [
      path,
      ...(invoice ? [`newest invoice ${invoice.en}`] : []),
      ...(changed ? [`last changed ${changed.en}`] : []),
      bytes(sizeBytes).en,
    ].join(', '),
    id: [
      path,
      ...(invoice ? [`faktur terbaru ${invoice.id}`] : []),
      ...(changed ? [`terakhir berubah ${changed.id}`] : []),
      bytes(sizeBytes).id,
    ].join(', '),
  };
};
export const onlyFolder = (found: FoundFolder): Text => ({
  en: `e-Faktur was found: ${folderLabel(found).en}`,
  id: `e-Faktur ditemukan: ${folderLabel(found).id}`,
});
export const whichFolders: Text = {
  en: 'Which e-Faktur folders are to be backed up? One folder is one PKP; old copies need no backup.',
  id: 'Folder e-Faktur mana yang akan dicadangkan? Satu folder untuk satu PKP; salinan lama tidak perlu.',
};
export const otherAppFolder: Text = { en: 'another folder', id: 'folder lain' };
export const whichAppFolder: Text = {
  en: 'Where is e-Faktur? Type its folder, or drag it into this window',
  id: 'Di mana e-Faktur? Ketik foldernya, atau seret folder itu ke jendela ini',
};
export const nothingToBackUp = (folder: string): Text => ({
  en: `${folder} holds no database of e-Faktur and no login backup. The folder of e-Faktur holds ETaxInvoiceMain and db.`,
  id: `${folder} tidak berisi database e-Faktur maupun cadangan saat masuk. Folder e-Faktur berisi ETaxInvoiceMain dan db.`,
});

export const oneNameOneFolder: Text = {
  en: '--name is for one e-Faktur folder, and there are several',
  id: '--name untuk satu folder e-Faktur, padahal ada beberapa',
};
export const leaveNameOut: Text = {
  en: 'Leave it out; each folder has, or gets, a profile of its own name.',
  id: 'Hilangkan; setiap folder mempunyai, atau mendapat, profil dengan namanya sendiri.',
};
export const hasProfile = ({
  appFolder,
  name,
}: {
  readonly appFolder: string;
  readonly name: string;
}): Text => ({
  en: `${appFolder} has the profile ${name} already`,
  id: `${appFolder} sudah mempunyai profil ${name}`,
});
export const nameTaken = (name: string): Text => ({
  en: `the profile ${name} is there already, for another folder`,
  id: `profil ${name} sudah ada, untuk folder lain`,
});
export const otherName: Text = { en: 'Choose another name.', id: 'Pilih nama lain.' };

/* Places (init-places.ts). */

export const whichPlace: Text = {
  en: 'Where shall the backups go? Not on the disk of e-Faktur: it would be lost with it.',
  id: 'Cadangan akan disimpan di mana? Jangan di disk tempat e-Faktur berada: bila disk itu rusak, keduanya hilang.',
};
export const whichSecondPlace: Text = {
  en: 'Where shall the second copy go? Best a bucket and a disk, so that fire and theft take only one.',
  id: 'Salinan kedua akan disimpan di mana? Sebaiknya satu di bucket dan satu di disk, agar kebakaran atau pencurian hanya mengenai salah satunya.',
};
export const keepPlace = (url: string): Text => ({
  en: `As it is set: ${url}`,
  id: `Seperti yang sudah diatur: ${url}`,
});
export const bucketPlace: Text = {
  en: 'A bucket at a cloud provider (S3)',
  id: 'Bucket di penyedia cloud (S3)',
};
export const folderPlace = (path: string, kind: 'disk' | 'synced'): Text =>
  kind === 'disk'
    ? { en: `The disk that is connected: ${path}`, id: `Disk yang terhubung: ${path}` }
    : {
        en: `A folder that another program carries to a cloud: ${path}`,
        id: `Folder yang dibawa program lain ke cloud: ${path}`,
      };
export const otherFolderPlace: Text = {
  en: 'Another folder: USB disk, NAS, network drive',
  id: 'Folder lain: disk USB, NAS, drive jaringan',
};
export const syncedFolder: Text = {
  en: 'A word of warning: what is deleted or encrypted by a virus here is soon so in that cloud, too, and that program tells nobody when it stops. Have a second place.',
  id: 'Peringatan: yang terhapus atau dirusak virus di sini segera begitu juga di cloud itu, dan program itu tidak memberi tahu bila berhenti. Siapkan tempat cadangan kedua.',
};
export const isSyncedFolder = (url: string): { readonly message: Text; readonly hint: Text } => ({
  message: {
    en: `${url} lies in a folder that another program carries to a cloud: what is deleted or encrypted by a virus here is soon so there, too`,
    id: `${url} berada di folder yang dibawa program lain ke cloud: yang terhapus atau dirusak virus di sini segera begitu juga di sana`,
  },
  hint: { en: 'Have a second place.', id: 'Siapkan tempat cadangan kedua.' },
});
export const whichFolder: Text = {
  en: 'Which folder? Type it, or drag it into this window',
  id: 'Folder mana? Ketik, atau seret folder itu ke jendela ini',
};
export const whichProvider: Text = {
  en: 'Which provider has the bucket?',
  id: 'Bucket itu di penyedia mana?',
};
export const otherProvider: Text = {
  en: 'another one: I know its address',
  id: 'penyedia lain: saya tahu alamatnya',
};
/** Only what was tried is called tried. */
export const providerLabel = ({ name, endpoints, tested }: Provider): Text => {
  const places = [...new Map(endpoints.map(({ place }) => [place.en, place])).values()];
  const where = places.length === 0 ? null : listed(places.slice(0, 2));
  return {
    en: `${name}${where ? `, ${where.en}` : ''}${tested ? ', tested' : ''}`,
    id: `${name}${where ? `, ${where.id}` : ''}${tested ? ', sudah diuji' : ''}`,
  };
};
export const endpointLabel = ({ place, host }: ProviderEndpoint): Text =>
  inBoth((l) => `${place[l]}: ${host}`);
export const whichRegion: Text = { en: 'Where was the bucket made?', id: 'Bucket itu dibuat di mana?' };
export const atProvider = ({ whereToClick, restrictedKeys, tested }: Provider): Text => ({
  en: `If there is no bucket yet: ${whereToClick.en}\nKeys that may do less than all: ${restrictedKeys.en}.${tested ? '' : '\nThis provider was not tried with efaktur-cloud yet (only MinIO is tested); the test that follows shows whether it works.'}`,
  id: `Bila belum ada bucket: ${whereToClick.id}\nKunci akses dengan izin terbatas: ${restrictedKeys.id}.${tested ? '' : '\nPenyedia ini belum pernah dicoba dengan efaktur-cloud (baru MinIO yang diuji); pengujian berikut menunjukkan apakah bisa dipakai.'}`,
});
export const fillIn = (gap: string, host: string): Text => ({
  en: `What stands for {${gap}} in ${host}? The provider's page shows it; the whole address will do, too`,
  id: `Apa isi {${gap}} di ${host}? Halaman penyedia menampilkannya; alamat lengkap juga boleh`,
});
export const notForAddress = (host: string): Text => ({
  en: `That does not make an address like ${host}: copy it from the provider's page.`,
  id: `Itu tidak menjadi alamat seperti ${host}: salin dari halaman penyedia.`,
});
export const whichAddress: Text = {
  en: 'Address of the service (endpoint), such as https://s3.example.com',
  id: 'Alamat layanan (endpoint), misalnya https://s3.example.com',
};
export const whichBucket: Text = { en: 'Name of the bucket', id: 'Nama bucket' };
export const whichBucketAndPrefix: Text = {
  en: 'Bucket and prefix of the backups, such as my-bucket/pt-maju; the recovery sheet names them',
  id: 'Bucket dan prefix cadangan, misalnya bucket-saya/pt-maju; tertulis di lembar pemulihan',
};
export const accessKeyId: Text = {
  en: 'Access key ID of the bucket (or the file from the provider with both keys)',
  id: 'Access key ID bucket (atau file dari penyedia yang berisi kedua kunci)',
};
export const secretAccessKey: Text = {
  en: 'Secret access key (it is not shown)',
  id: 'Secret access key (tidak ditampilkan)',
};
export const noKeyLooksSo: Text = {
  en: 'A key has no blanks and no accents in it, and is not empty. Both again, please.',
  id: 'Kunci tidak memuat spasi atau huruf khusus, dan tidak kosong. Ulangi keduanya.',
};
export const standardInput: Text = { en: 'the standard input', id: 'masukan standar' };
export const noPlaceGiven: Text = { en: 'no store was given', id: 'tempat cadangan belum disebutkan' };
export const namePlace: Text = {
  en: 'Name it with --store: s3://BUCKET/PREFIX?endpoint=https://…, or a folder.',
  id: 'Sebutkan dengan --store: s3://BUCKET/PREFIX?endpoint=https://…, atau sebuah folder.',
};

/* The test of a place (init-prove.ts). */

export const tryingPlace = (stores: readonly string[]): Text => ({
  en: `Testing ${stores.join(', ')}`,
  id: `Menguji ${stores.join(', ')}`,
});
export const placeWorks = (notes: number, profile: string): Text => ({
  en: `The store works: writing, reading back, listing.${notes > 0 ? ` What could be safer there, "efaktur-cloud doctor --profile ${profile}" says.` : ''}`,
  id: `Tempat cadangan berfungsi: menulis, membaca kembali, menampilkan daftar.${notes > 0 ? ` Yang bisa dibuat lebih aman disebutkan oleh "efaktur-cloud doctor --profile ${profile}".` : ''}`,
});
export const movedHere: Text = {
  en: 'This e-Faktur was moved here: go on with that history',
  id: 'e-Faktur ini dipindahkan ke sini: lanjutkan riwayat itu',
};
export const ownPrefix: Text = {
  en: 'It is another e-Faktur: give it a prefix of its own, by another name',
  id: 'Ini e-Faktur lain: beri prefix tersendiri, dengan nama lain',
};
export const sayMoved: Text = {
  en: 'Give this folder a prefix of its own with --store; or, if it was moved here, add --moved.',
  id: 'Beri folder ini prefix tersendiri dengan --store; atau, bila folder ini dipindahkan ke sini, tambahkan --moved.',
};
export const whatNow: Text = { en: 'What now?', id: 'Bagaimana selanjutnya?' };
export const otherKeys: Text = { en: 'Type the keys again', id: 'Ketik ulang kunci aksesnya' };
export const otherAddress: Text = {
  en: 'Change the address of the service; bucket and keys stay',
  id: 'Ubah alamat layanannya; bucket dan kunci akses tetap',
};
export const otherPlace: Text = { en: 'Choose another place', id: 'Pilih tempat lain' };
export const leaveSecondOut: Text = { en: 'Go on without it', id: 'Lanjutkan tanpa tempat ini' };
export const tryAgain: Text = { en: 'Try again as it is', id: 'Coba lagi apa adanya' };
export const giveUp: Text = { en: 'Stop here', id: 'Berhenti di sini' };
