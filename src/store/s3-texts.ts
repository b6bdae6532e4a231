import type { Text } from '../base/text.ts';

/* What an S3 service says, and what is wrong with what was asked of it. */

/** Where no endpoint is set. */
export const amazon = 'Amazon S3';

/* What did not work. */

export const lockNotRead = (key: string): Text => ({
  en: `the lock of ${key} cannot be read`,
  id: `penguncian objek ${key} tidak dapat dibaca`,
});
export const lockNotChanged = (key: string): Text => ({
  en: `the lock of ${key} cannot be changed`,
  id: `penguncian objek ${key} tidak dapat diubah`,
});
export const uploadsNotListed: Text = {
  en: 'its unfinished uploads cannot be listed',
  id: 'daftar unggahan yang terputus tidak dapat dibaca',
};
export const versionsNotListed: Text = {
  en: 'its versions cannot be listed',
  id: 'daftar versinya tidak dapat dibaca',
};
export const answerCut: Text = { en: 'the answer was cut short', id: 'jawaban layanan terputus' };

/* Answers that are none (s3-errors.ts, s3-listing.ts). */

export const notS3: Text = {
  en: 'what answered is not an S3 service',
  id: 'yang menjawab bukan layanan S3',
};
export const checkEndpointOrLogin: Text = {
  en: 'Check the endpoint, and whether this network asks for a login in the browser first.',
  id: 'Periksa endpoint, dan apakah jaringan ini meminta login lewat browser lebih dahulu.',
};

export const otherKeys = (asked: string): Text => ({
  en: `the service shows other keys than those that begin with "${asked}"`,
  id: `layanan menampilkan objek lain, bukan yang namanya berawal "${asked}"`,
});
export const otherPrefix: Text = {
  en: 'Try another prefix of plain letters, or ask the provider.',
  id: 'Coba prefix lain dengan huruf biasa, atau tanyakan kepada penyedia.',
};

export const versionsNotKnown: Text = {
  en: 'the service does not know them',
  id: 'layanan ini tidak mengenal versi objek',
};
export const otherService: Text = {
  en: 'Choose another service or feature.',
  id: 'Pilih layanan lain, atau jangan pakai fitur ini.',
};

/* Proxies that answer by themselves. */

export const proxyWantsLogin = (proxy: string): Text => ({
  en: `the proxy ${proxy} asks for a login, or does not take the one it was given`,
  id: `proxy ${proxy} meminta login, atau menolak login yang diberikan`,
});
export const putLoginIntoProxy: Text = {
  en: 'Put user and password into HTTPS_PROXY (HTTP_PROXY for http:// endpoints): http://USER:PASSWORD@HOST:PORT.',
  id: 'Tulis nama pengguna dan kata sandi di HTTPS_PROXY (HTTP_PROXY untuk endpoint http://): http://USER:PASSWORD@HOST:PORT.',
};
export const proxyForbids = (proxy: string, host: string, status: number): Text => ({
  en: `the proxy ${proxy} does not let this PC reach ${host} (${status})`,
  id: `proxy ${proxy} tidak mengizinkan komputer ini mengakses ${host} (${status})`,
});
export const askProxyKeeper = (host: string): Text => ({
  en: `Ask whoever keeps the proxy to allow ${host}, or name it in NO_PROXY if it can be reached without.`,
  id: `Minta pengelola proxy mengizinkan ${host}, atau tulis di NO_PROXY jika dapat diakses tanpa proxy.`,
});
export const proxyCannotReach = (proxy: string, host: string, status: number): Text => ({
  en: `the proxy ${proxy} cannot reach ${host} (${status})`,
  id: `proxy ${proxy} tidak dapat terhubung ke ${host} (${status})`,
});
export const checkEndpointOrProxy: Text = {
  en: 'Check the endpoint; if it is right, try again later or ask whoever keeps the proxy.',
  id: 'Periksa endpoint; jika sudah benar, coba lagi nanti atau tanyakan kepada pengelola proxy.',
};

/* Addresses. */

export const bucketInHostName = (bucket: string, name: string): Text => ({
  en: `the service wants bucket ${bucket} in the host name (${name})`,
  id: `layanan meminta bucket ${bucket} ditulis dalam nama host (${name})`,
});
export const notInHostName = (bucket: string, host: string): Text => ({
  en: `${bucket} cannot stand before ${host} as a host name`,
  id: `${bucket} tidak dapat ditulis di depan ${host} sebagai nama host`,
});
export const leaveStyleOut: Text = {
  en: 'Leave style=path out of the store address; the endpoint must be a name and no number, the bucket in small letters.',
  id: 'Hapus style=path dari alamat tempat cadangan; endpoint harus berupa nama, bukan angka, dan nama bucket dalam huruf kecil.',
};
export const wantsHttps: Text = {
  en: 'the endpoint wants https://',
  id: 'endpoint ini hanya menerima https://',
};
export const writeAs = (address: string): Text => ({
  en: `Write it as ${address}.`,
  id: `Tulis ${address}.`,
});
export const noSuchBucket = (bucket: string, endpoint: string | null): Text => ({
  en: `bucket ${bucket} does not exist at ${endpoint ?? amazon}`,
  id: `bucket ${bucket} tidak ada di ${endpoint ?? amazon}`,
});
export const checkBucket: Text = {
  en: 'Check the bucket name and the endpoint, or create the bucket.',
  id: 'Periksa nama bucket dan endpoint, atau buat bucket itu.',
};
export const noBucketName = (bucket: string): Text => ({
  en: `no bucket can be addressed as ${bucket}`,
  id: `${bucket} tidak dapat dipakai sebagai nama bucket`,
});
export const checkAddress: Text = {
  en: 'Check the store address.',
  id: 'Periksa alamat tempat cadangan.',
};

export const noRegion: Text = {
  en: 'no region is set, or that of the profile cannot be one',
  id: 'region belum diatur, atau region dalam profil tidak dapat dipakai',
};
export const setRegionName: Text = {
  en: 'Add ?region=NAME to the store address, or set AWS_REGION.',
  id: 'Tambahkan ?region=NAMA pada alamat tempat cadangan, atau isi AWS_REGION.',
};
export const inRegion = (bucket: string, region: string): Text => ({
  en: `bucket ${bucket} is in region ${region}`,
  id: `bucket ${bucket} ada di region ${region}`,
});
export const addRegion = (region: string): Text => ({
  en: `Add ?region=${region} to the store address, or set AWS_REGION=${region}.`,
  id: `Tambahkan ?region=${region} pada alamat tempat cadangan, atau isi AWS_REGION=${region}.`,
});
export const otherRegion = (bucket: string, endpoint: string | null): Text => ({
  en: `bucket ${bucket} is in another region than asked at ${endpoint ?? amazon}`,
  id: `bucket ${bucket} ada di region lain, bukan yang diminta di ${endpoint ?? amazon}`,
});
export const setRegion: Text = { en: 'Set ?region= or AWS_REGION.', id: 'Isi ?region= atau AWS_REGION.' };

/* Who asks. `name` is the code of the service. */

export const checkKeys: Text = {
  en: 'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile, and the store address they belong to.',
  id: 'Periksa AWS_ACCESS_KEY_ID dan AWS_SECRET_ACCESS_KEY, atau profil, serta apakah keduanya memang untuk alamat tempat cadangan ini.',
};
export const unknownAccessKey = (name: string): Text => ({
  en: `the service does not know this access key (${name})`,
  id: `layanan tidak mengenal kunci akses ini (${name})`,
});
export const wrongSecretKey = (name: string): Text => ({
  en: `the secret key does not fit the access key (${name})`,
  id: `AWS_SECRET_ACCESS_KEY tidak cocok dengan AWS_ACCESS_KEY_ID (${name})`,
});
export const checkSecretKey: Text = {
  en: 'Check AWS_SECRET_ACCESS_KEY, or the profile.',
  id: 'Periksa AWS_SECRET_ACCESS_KEY, atau profil.',
};
export const sessionEnded = (name: string): Text => ({
  en: `the session has ended (${name})`,
  id: `sesi login sudah berakhir (${name})`,
});
export const logInAgain: Text = {
  en: 'Log in again, or renew AWS_SESSION_TOKEN.',
  id: 'Login lagi, atau perbarui AWS_SESSION_TOKEN.',
};
export const profileWithoutKeys = (profile: string): Text => ({
  en: `the profile "${profile}" is not in the AWS files, or has no keys there`,
  id: `profil "${profile}" tidak ada dalam file AWS, atau tidak berisi kunci`,
});
export const checkProfile: Text = {
  en: 'Check profile= in the store address, or AWS_PROFILE, and the files ~/.aws/credentials and ~/.aws/config; with single sign-on, log in again.',
  id: 'Periksa profile= pada alamat tempat cadangan, atau AWS_PROFILE, dan file ~/.aws/credentials serta ~/.aws/config; jika memakai single sign-on, login lagi.',
};
export const noCredentials: Text = { en: 'no credentials were found', id: 'kunci akses tidak ditemukan' };
export const setKeysOrProfile: Text = {
  en: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with ?profile=NAME or AWS_PROFILE.',
  id: 'Isi AWS_ACCESS_KEY_ID dan AWS_SECRET_ACCESS_KEY, atau sebutkan profil dengan ?profile=NAMA atau AWS_PROFILE.',
};
export const wrongClock: Text = {
  en: "this PC's clock is wrong, so the service refuses its signature",
  id: 'tanggal atau jam komputer ini salah, sehingga layanan menolak tanda tangannya',
};

/* What the service does not do, or not now. `name` is its code, or the status. */

export const changedOnItsWay = (name: string): Text => ({
  en: `what arrived there was not what was sent (${name})`,
  id: `yang diterima layanan tidak sama dengan yang dikirim (${name})`,
});
export const somethingOnTheWay: Text = {
  en: 'Something on the way changes or cuts uploads, such as a proxy or a virus scanner. Try again, or from another network.',
  id: 'Ada yang mengubah atau memotong unggahan di tengah jalan, misalnya proxy atau antivirus. Coba lagi, atau dari jaringan lain.',
};
export const inColdStorage: Text = {
  en: 'it lies in a storage class that must be restored first',
  id: 'objek ada di storage class yang harus dipulihkan dahulu',
};
export const restoreAtProvider: Text = {
  en: "Restore it in the provider's console, then try again.",
  id: 'Pulihkan lewat konsol penyedia, lalu coba lagi.',
};
export const locked: Text = { en: 'it is locked', id: 'objek masih terkunci' };
export const lockRefused: Text = { en: 'the store refused it', id: 'tempat cadangan menolaknya' };
export const waitForLock: Text = {
  en: 'Wait until the lock ends.',
  id: 'Tunggu sampai masa pengunciannya berakhir.',
};
export const full = (name: string | number): Text => ({
  en: `the store is full (${name})`,
  id: `tempat cadangan penuh (${name})`,
});
export const makeRoom: Text = {
  en: 'Make room there or raise the quota.',
  id: 'Kosongkan sebagian ruangnya, atau tambah kuotanya.',
};
export const asksAgain = (name: string): Text => ({
  en: `the service asks to try again (${name})`,
  id: `layanan meminta agar dicoba lagi (${name})`,
});
export const tryLater: Text = {
  en: 'Try again later; if it stays so, ask the provider.',
  id: 'Coba lagi nanti; jika tetap begitu, tanyakan kepada penyedia.',
};
export const tryAfter = (retryAfter: string): Text => ({
  en: `It asks to be left alone (Retry-After: ${retryAfter}). ${tryLater.en}`,
  id: `Layanan minta jeda dahulu (Retry-After: ${retryAfter}). ${tryLater.id}`,
});
export const refuses = (name: string | number): Text => ({
  en: `the service refuses it (${name})`,
  id: `layanan menolaknya (${name})`,
});
export const askForRight = (bucket: string): Text => ({
  en: `Ask for the right to do this in bucket ${bucket}. ${checkKeys.en}`,
  id: `Minta izin untuk melakukan ini di bucket ${bucket}. ${checkKeys.id}`,
});
export const cannotDo = (name: string | number): Text => ({
  en: `the service cannot do this (${name})`,
  id: `layanan tidak dapat melakukan ini (${name})`,
});
export const cannotAnswerNow = (name: string | number): Text => ({
  en: `the service cannot answer now (${name})`,
  id: `layanan sedang tidak dapat menjawab (${name})`,
});
export const rejects = (name: string | number): Text => ({
  en: `the service rejects the request (${name})`,
  id: `layanan menolak permintaannya (${name})`,
});
