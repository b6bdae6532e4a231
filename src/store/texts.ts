import { count, duration, number } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

/* What every store says. */

/** What happened in a store, behind its address. */
export const inStore = (url: string, what: Text): Text => inBoth((l) => `${url}: ${what[l]}`);

export const cannotBeStored = (key: string): Text => ({
  en: `${key} cannot be stored`,
  id: `${key} tidak dapat disimpan`,
});
export const cannotBeRead = (key: string): Text => ({
  en: `${key} cannot be read`,
  id: `${key} tidak dapat dibaca`,
});
export const cannotBeDeleted = (key: string): Text => ({
  en: `${key} cannot be deleted`,
  id: `${key} tidak dapat dihapus`,
});
export const unfinishedStays = (key: string): Text => ({
  en: `the unfinished upload of ${key} cannot be removed`,
  id: `unggahan ${key} yang terputus tidak dapat dihapus`,
});

export const workStopped = (url: string): Text => ({
  en: `the work with ${url} was stopped`,
  id: `pekerjaan dengan ${url} dihentikan`,
});
export const runAgain: Text = { en: 'Run the command again.', id: 'Jalankan lagi perintahnya.' };

/* Bodies and objects. */

export function otherLength(key: string, readBytes: number, sizeBytes: number, isMost: boolean): Text {
  const [read, size] = [count(readBytes, 'byte'), number(sizeBytes)];
  return {
    en: `${key}: ${read.en} could be read of what should be ${isMost ? 'at most ' : ''}${size.en}`,
    id: `${key}: terbaca ${read.id}, seharusnya ${isMost ? 'paling banyak ' : ''}${size.id}`,
  };
}
export const changedWhileSent: Text = {
  en: 'Something changed it while it was sent; try again.',
  id: 'Isinya berubah selama dikirim; coba lagi.',
};

export function longerThan(key: string, maxBytes: number): Text {
  const most = count(maxBytes, 'byte');
  return { en: `${key} is longer than ${most.en}`, id: `${key} lebih panjang dari ${most.id}` };
}
export const notOurs: Text = {
  en: 'It was not written by efaktur-cloud; remove it or use another prefix.',
  id: 'Objek itu bukan buatan efaktur-cloud; hapus, atau pakai prefix lain.',
};

export const wentAway = (key: string): Text => ({
  en: `${key} went away while it was read`,
  id: `${key} hilang selagi dibaca`,
});
export const listAgain: Text = {
  en: 'List the backups again.',
  id: 'Tampilkan lagi daftar cadangan.',
};

export const noParts = (key: string): Text => ({
  en: `${key} cannot be read in parts`,
  id: `${key} tidak dapat dibaca sebagian`,
});
export const wholeForPart: Text = {
  en: 'the service answers with the whole object where a part is asked for (no HTTP ranges)',
  id: 'layanan mengirim seluruh objek padahal yang diminta hanya sebagian (tanpa HTTP range)',
};
export const useRanges: Text = {
  en: 'Use a service or proxy that knows ranges; "efaktur-cloud pull" reads an object from its beginning, as long as the line holds.',
  id: 'Pakai layanan atau proxy yang mendukung HTTP range; "efaktur-cloud pull" membaca objek dari awal selama sambungan tidak putus.',
};

/* Listings. */

export const objectsNotListed: Text = {
  en: 'its objects cannot be listed',
  id: 'daftar objeknya tidak dapat dibaca',
};
export const moreNotShown: Text = {
  en: 'the service says that there are more, but does not show them',
  id: 'layanan menyatakan masih ada objek lain, tetapi tidak menampilkannya',
};
export const noHalfListing: Text = {
  en: 'Nothing that rests on half a listing is done. Try another prefix of plain letters, or ask the provider.',
  id: 'Daftar yang tidak lengkap tidak dipakai untuk apa pun. Coba prefix lain dengan huruf biasa, atau tanyakan kepada penyedia.',
};

/* Silence: of a disk (patience.ts) and of a line (idle-watch.ts). */

export function diskSilent(ms: number): Text {
  const time = duration(ms);
  return {
    en: `the drive or network folder has not answered for ${time.en}`,
    id: `drive atau folder jaringan tidak menjawab selama ${time.id}`,
  };
}
export const checkDrive: Text = {
  en: 'Check that it is connected and its server runs, and try again.',
  id: 'Pastikan drive tersambung dan servernya menyala, lalu coba lagi.',
};

export const noAnswer = (url: string): Text => ({
  en: `${url} did not answer`,
  id: `${url} tidak menjawab`,
});
export function noByteMoved(ms: number, tried: Text | null): Text {
  const time = duration(ms);
  return {
    en: `no byte moved for ${time.en}${tried === null ? '' : ` on the connection to ${tried.en}`}`,
    id: `tidak ada data yang mengalir selama ${time.id}${tried === null ? '' : ` pada sambungan ke ${tried.id}`}`,
  };
}
export const checkNetwork: Text = {
  en: 'Check the network, and the proxy if there is one, and try again.',
  id: 'Periksa jaringan, dan proxy jika ada, lalu coba lagi.',
};

/* Connections. `server` is what was tried to reach. */

export const throughProxy = (server: string, proxy: string): Text => ({
  en: `${server} through the proxy ${proxy}`,
  id: `${server} melalui proxy ${proxy}`,
});
export const theServer: Text = { en: 'the server', id: 'server' };

export const noKeyCharacter: Text = {
  en: 'the access key or the session token holds a character that no key has',
  id: 'kunci akses atau session token berisi karakter yang tidak ada dalam kunci mana pun',
};
export const lookForBlanks: Text = {
  en: 'Look for line breaks, blanks and quotes in AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN or the files of the profile.',
  id: 'Cari ganti baris, spasi, dan tanda kutip di AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, atau file profil.',
};

export const certificateOutOfDate = (server: Text, code: string): Text => ({
  en: `the certificate of ${server.en} is not valid today (${code})`,
  id: `sertifikat ${server.id} tidak berlaku hari ini (${code})`,
});
export const checkClock: Text = {
  en: "Check this PC's clock; if it is right, tell the provider.",
  id: 'Periksa tanggal dan jam komputer ini; jika sudah benar, beri tahu penyedia.',
};
export const setClock: Text = {
  en: 'Set date, time and time zone of this PC.',
  id: 'Betulkan tanggal, jam, dan zona waktu komputer ini.',
};

export const certificateNotTrusted = (server: Text, code: string): Text => ({
  en: `the certificate of ${server.en} is not trusted (${code})`,
  id: `sertifikat ${server.id} tidak dipercaya (${code})`,
});
export const nameCaFile: Text = {
  en: 'If your office inspects traffic, name its CA file in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS; else check the endpoint.',
  id: 'Jika kantor Anda memeriksa lalu lintas internet, sebutkan file CA-nya di AWS_CA_BUNDLE atau NODE_EXTRA_CA_CERTS; jika tidak, periksa endpoint.',
};

export const otherProtocol = (server: Text, code: string): Text => ({
  en: `${server.en} speaks another protocol (${code})`,
  id: `${server.id} memakai protokol lain (${code})`,
});
export const checkScheme: Text = {
  en: 'Check whether the endpoint is https:// or http://, and its port.',
  id: 'Periksa apakah endpoint memakai https:// atau http://, dan nomor port-nya.',
};

export const nameNotFound = (server: Text, code: string): Text => ({
  en: `the name of ${server.en} cannot be found (${code})`,
  id: `alamat ${server.id} tidak ditemukan (${code})`,
});
export const checkSpelling: Text = {
  en: 'Check the network and the spelling of the endpoint and region.',
  id: 'Periksa sambungan internet, lalu ejaan endpoint dan region.',
};

export const connectionFailed = (server: Text, code: string): Text => ({
  en: `the connection to ${server.en} failed (${code})`,
  id: `sambungan ke ${server.id} gagal (${code})`,
});
export const checkConnection: Text = {
  en: 'Check the network, the endpoint and the proxy if there is one, and try again.',
  id: 'Periksa sambungan internet, endpoint, dan proxy jika ada, lalu coba lagi.',
};
