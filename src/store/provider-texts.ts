import { type Text, verbatim } from '../base/text.ts';

/* What the table of providers says to people: where their services stand, what keys they give, where to click. */

/* Places. */

export const jakarta: Text = verbatim('Jakarta');
export const westJava: Text = { en: 'West Java', id: 'Jawa Barat' };
export const indonesia: Text = verbatim('Indonesia');
export const singapore: Text = { en: 'Singapore', id: 'Singapura' };
export const placeOfBucket: Text = {
  en: 'where the bucket was made',
  id: 'sesuai lokasi pembuatan bucket',
};
export const inRegion = (region: string): Text => verbatim(region);

/* Keys that may do less than all. */

export const policyKeys: Text = {
  en: 'keys of a user of their own, with the policy that "doctor --print-policy push" prints',
  id: 'kunci akses milik pengguna tersendiri, dengan kebijakan yang dicetak "doctor --print-policy push"',
};
export const bucketKeys: Text = {
  en: 'keys for single buckets, that read, or read and write',
  id: 'kunci akses untuk bucket tertentu, hanya membaca, atau membaca dan menulis',
};
export const b2Keys: Text = {
  en: 'application keys for one bucket, with chosen capabilities; one that is limited to a bucket also needs listAllBucketNames',
  id: 'application key untuk satu bucket, dengan izin pilihan; yang dibatasi pada satu bucket juga memerlukan listAllBucketNames',
};
export const serviceAccountKeys: Text = {
  en: 'HMAC keys of a service account, with a role on the one bucket',
  id: 'kunci HMAC milik service account, dengan peran pada satu bucket saja',
};
export const aclKeys: Text = {
  en: 'rights of other accounts on a bucket (ACL): to read, or to write and delete',
  id: 'izin akun lain pada bucket (ACL): membaca, atau menulis dan menghapus',
};
export const wholeAccountKeys: Text = {
  en: 'one pair of keys for all buckets of the account',
  id: 'satu pasang kunci akses untuk semua bucket di akun itu',
};
export const unknownKeys: Text = {
  en: 'no public document tells of any',
  id: 'tidak disebut dalam dokumen publik mana pun',
};

/* Where to click. */

export const clickAws: Text = {
  en: 'S3: Create bucket (choose the region; under Advanced settings turn on Object Lock). IAM: Users, Create user, attach the policy, then Security credentials, Create access key.',
  id: 'S3: Create bucket (pilih region; di Advanced settings aktifkan Object Lock). IAM: Users, Create user, pasang kebijakan, lalu Security credentials, Create access key.',
};
export const clickIdcloudhost: Text = {
  en: 'console.idcloudhost.com: Storage, Create New Storage. Choose the bucket: it shows Access Key ID and Secret Access Key.',
  id: 'console.idcloudhost.com: Storage, Create New Storage. Pilih bucket itu: di sana tampil Access Key ID dan Secret Access Key.',
};
export const clickBiznetgio: Text = {
  en: 'portal.biznetgio.com: NEO Object Storage, menu Bucket, create one; the page of the service shows its access key and secret key.',
  id: 'portal.biznetgio.com: NEO Object Storage, menu Bucket, buat satu; halaman layanan menampilkan access key dan secret key.',
};
export const clickCloudkilat: Text = {
  en: 'The panel of CloudKilat: Kilat Storage, create a bucket; the page of the service shows its access key and secret key.',
  id: 'Panel CloudKilat: Kilat Storage, buat bucket; halaman layanan menampilkan access key dan secret key.',
};
export const clickNevaobjects: Text = {
  en: 'The panel of Nevacloud: Neva Objects, create a bucket; the page of the service shows its access key and secret key.',
  id: 'Panel Nevacloud: Neva Objects, buat bucket; halaman layanan menampilkan access key dan secret key.',
};
export const clickAlibaba: Text = {
  en: 'OSS: Buckets, Create Bucket (Indonesia, Jakarta). RAM: Users, Create User with an AccessKey, and give it the policy.',
  id: 'OSS: Buckets, Create Bucket (Indonesia, Jakarta). RAM: Users, Create User dengan AccessKey, lalu beri kebijakan.',
};
export const clickTencent: Text = {
  en: 'COS: Bucket List, Create Bucket (Jakarta; the name ends in the APPID). CAM: Users, Create User, then API Keys; SecretId is the access key ID, SecretKey the secret key.',
  id: 'COS: Bucket List, Create Bucket (Jakarta; namanya berakhiran APPID). CAM: Users, Create User, lalu API Keys; SecretId adalah access key ID, SecretKey adalah secret key.',
};
export const clickHuawei: Text = {
  en: 'OBS: Create Bucket (AP-Jakarta). IAM: Users, Create User, then My Credentials, Access Keys.',
  id: 'OBS: Create Bucket (AP-Jakarta). IAM: Users, Create User, lalu My Credentials, Access Keys.',
};
export const clickGcs: Text = {
  en: 'Cloud Storage: Buckets, Create (asia-southeast2 is Jakarta). Settings, Interoperability: Create a key for a service account.',
  id: 'Cloud Storage: Buckets, Create (asia-southeast2 adalah Jakarta). Settings, Interoperability: Create a key for a service account.',
};
export const clickLinode: Text = {
  en: 'Cloud Manager: Object Storage, Create Bucket (Jakarta). Access Keys, Create Access Key with Limited Access.',
  id: 'Cloud Manager: Object Storage, Create Bucket (Jakarta). Access Keys, Create Access Key dengan Limited Access.',
};
export const clickR2: Text = {
  en: 'R2: Create bucket; in its Settings, Bucket lock rules. Manage API tokens, Create token (Object Read & Write, this bucket alone). The account ID stands beside.',
  id: 'R2: Create bucket; di Settings-nya, Bucket lock rules. Manage API tokens, Create token (Object Read & Write, bucket ini saja). Account ID tampil di sebelahnya.',
};
export const clickB2: Text = {
  en: 'B2 Cloud Storage: Create a Bucket (Object Lock: Enable). The bucket shows its endpoint. Application Keys, Add a New Application Key for this bucket, with Allow List All Bucket Names.',
  id: 'B2 Cloud Storage: Create a Bucket (Object Lock: Enable). Endpoint tampil pada bucket itu. Application Keys, Add a New Application Key untuk bucket ini, dengan Allow List All Bucket Names.',
};
export const clickWasabi: Text = {
  en: 'Create Bucket (Singapore; turn on Object Lock). Users, Create User (Programmatic), attach the policy; the keys are shown once.',
  id: 'Create Bucket (Singapore; aktifkan Object Lock). Users, Create User (Programmatic), pasang kebijakan; kunci akses hanya tampil satu kali.',
};
export const clickIdrive: Text = {
  en: 'Buckets, Create Bucket (Singapore; Object Locking). Access Keys, Create Access Key for this bucket. The page Regions shows the endpoint.',
  id: 'Buckets, Create Bucket (Singapore; Object Locking). Access Keys, Create Access Key untuk bucket ini. Halaman Regions menampilkan endpoint.',
};
export const clickDigitalocean: Text = {
  en: 'Spaces Object Storage: Create Bucket (Singapore). Access Keys, Create Access Key with Limited Access to this bucket.',
  id: 'Spaces Object Storage: Create Bucket (Singapore). Access Keys, Create Access Key dengan Limited Access untuk bucket ini.',
};
export const clickOvh: Text = {
  en: 'Public Cloud: Object Storage, Create an object container (S3 API, Singapore, with Object Lock). S3 users: create one, then import the policy.',
  id: 'Public Cloud: Object Storage, Create an object container (S3 API, Singapore, dengan Object Lock). S3 users: buat satu, lalu impor kebijakan.',
};
export const clickMinio: Text = {
  en: 'mc mb --with-lock SERVER/BUCKET, then mc admin user add and mc admin policy create with the policy; or ask whoever keeps the server.',
  id: 'mc mb --with-lock SERVER/BUCKET, lalu mc admin user add dan mc admin policy create dengan kebijakan itu; atau minta kepada pengelola server.',
};
