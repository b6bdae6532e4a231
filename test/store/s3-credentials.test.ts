import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awsNames } from '../../src/settings/connection-settings.ts';
import { loadStoreSettings } from '../../src/settings/load.ts';
import type { Surroundings } from '../../src/settings/surroundings.ts';
import { openStore } from '../../src/store/open.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { noteSecret } from '../support/printed.ts';
import { keysFor, type SessionKeys } from '../support/s3-rights.ts';
import { httpServer, type TestServer } from '../support/servers.ts';
import { bodyOf, listed } from './contract.ts';

/**
 * Keys from a settings file, each way there is. The environment of this process names others, which the SDK would find by
 * itself: none of them may be asked.
 */

let bucket: TestBucket;
/** Temporary keys of the bucket's owner. */
let session: SessionKeys;
const inEnvironment = {
  AWS_ACCESS_KEY_ID: 'of-the-environment',
  AWS_SECRET_ACCESS_KEY: 'secret-of-the-environment',
  AWS_SESSION_TOKEN: 'token-of-the-environment',
  AWS_PROFILE: 'of-the-environment',
  AWS_CONFIG_FILE: '/nonexistent/environment/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/environment/credentials',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent/environment/token',
  AWS_ROLE_ARN: 'arn:aws:iam::1:role/environment',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/environment',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
  AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9',
  AWS_REGION: 'xx-environment-1',
};
const before = { ...process.env };
const closing: { close(): unknown }[] = [];
const namesUsed = new Set<string>();
let folder: string;

beforeAll(async () => {
  bucket = await makeBucket();
  session = await keysFor({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'All', Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::*', 'arn:aws:s3:::*/*'] },
    ],
  });
});

beforeEach(async () => {
  folder = await tempFolder();
  Object.assign(process.env, inEnvironment);
});

afterEach(async () => {
  expect(process.env).toMatchObject(inEnvironment);
  for (const one of closing.splice(0)) await one.close();
});

afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  bucket?.client.destroy();
});

const put = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
};

/** A store as it is opened by a settings file of its own. */
async function storeOf(
  settings: Record<string, string>,
  url = `s3://${bucket.bucket}/${Math.random()}`,
): Promise<ObjectStore> {
  for (const name of Object.keys(settings)) namesUsed.add(name);
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'`);
  const path = await put(`${Math.random()}.env`, lines.join('\n'));
  const around: Surroundings = {
    env: process.env,
    currentFolder: folder,
    homeFolder: folder,
    hostName: 'pc',
    platform: 'linux',
    systemZone: 'Asia/Jakarta',
    systemLocale: 'C',
  };
  const { connectionEnv: env, programEnv } = await loadStoreSettings(around, path);
  const store = await openStore(url, { env, programEnv, currentFolder: folder });
  closing.push(store);
  return store;
}

const here = (): Record<string, string> => ({ AWS_ENDPOINT_URL_S3: bucket.endpoint });

async function works(store: ObjectStore): Promise<void> {
  await store.put('k', bodyOf(Buffer.from('x')));
  expect((await listed(store)).map(({ key }) => key)).toEqual(['k']);
}

const server = async (...call: Parameters<typeof httpServer>): Promise<TestServer> => {
  const opened = await httpServer(...call);
  closing.push(opened);
  return opened;
};

/** A service that knows no key; what was said to it. */
async function recorder(): Promise<{ endpoint: string; said: string[] }> {
  const said: string[] = [];
  const { port } = await server((request, response) => {
    said.push(`${request.headers.host} ${request.headers.authorization}`);
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<Error><Code>AccessDenied</Code></Error>');
  });
  return { endpoint: `http://127.0.0.1:${port}`, said };
}

const answerOfSts = (operation: string, keys: SessionKeys): string =>
  `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result><Credentials>
  <AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey>
  <SessionToken>${keys.sessionToken}</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>
  </Credentials></${operation}Result></${operation}Response>`;

/** A stand-in for AWS STS that gives the session's keys to each question that passes. */
async function stsServer(isRight: (question: URLSearchParams, authorization: string) => boolean) {
  const questions: URLSearchParams[] = [];
  const { port } = await server(async (request, response) => {
    const question = new URLSearchParams(await text(request));
    questions.push(question);
    const passes = isRight(question, request.headers.authorization ?? '');
    response.writeHead(passes ? 200 : 403, { 'content-type': 'text/xml' });
    response.end(
      passes
        ? answerOfSts(question.get('Action') ?? '', session)
        : '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>',
    );
  });
  return { endpoint: `http://127.0.0.1:${port}`, questions };
}

describe('from a settings file', () => {
  test('the two keys', async () => {
    const { accessKeyId, secretAccessKey } = bucket;
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    await works(await storeOf({ ...keys, AWS_ENDPOINT_URL: bucket.endpoint }));
  });

  test('temporary keys with their token', async () => {
    const keys = {
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    };
    await works(await storeOf({ ...here(), ...keys, AWS_SESSION_TOKEN: session.sessionToken }));
    await expect(works(await storeOf({ ...here(), ...keys }))).rejects.toMatchObject({
      code: 'access-denied',
    });
  });

  test('a profile in files of their own, with its region and its endpoint', async () => {
    const files = {
      AWS_SHARED_CREDENTIALS_FILE: await put(
        'credentials',
        `[kantor]\naws_access_key_id=${bucket.accessKeyId}\naws_secret_access_key=${bucket.secretAccessKey}\n`,
      ),
      AWS_CONFIG_FILE: await put(
        'config',
        `[profile kantor]\nregion=us-east-1\nendpoint_url=${bucket.endpoint}\n`,
      ),
    };
    await works(await storeOf({ ...files, AWS_PROFILE: 'kantor' }));
    await works(await storeOf(files, `s3://${bucket.bucket}/query?profile=kantor`));
    const other = storeOf({ ...here(), ...files, AWS_PROFILE: 'gudang', AWS_EC2_METADATA_DISABLED: 'true' });
    await expect(works(await other)).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.stringContaining('the profile "gudang" is not in the AWS files'),
    });
  });

  test('an endpoint of a profile is an endpoint: the bucket goes into the path, and a region need not be set', async () => {
    const { port } = new URL(bucket.endpoint);
    const AWS_CONFIG_FILE = await put('config', `[default]\nendpoint_url=http://localhost:${port}\n`);
    const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = bucket;
    await works(await storeOf({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_CONFIG_FILE }));
    const wrong = await put('wrong', '[default]\nendpoint_url=minio.kantor.example\n');
    const asking = works(await storeOf({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_CONFIG_FILE: wrong }));
    await expect(asking).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('endpoint_url of the AWS profile is no web address'),
    });
  });

  test('a program that prints them, which gets the settings of the file', async () => {
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = bucket;
    const keys = await put('keys.json', JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey }));
    const program = await put(
      'program.sh',
      `#!/bin/sh\ntest "$EFAKTUR_NAME" = kasir-7 && test "$AWS_ROLE_SESSION_NAME" = seven && cat ${keys}\n`,
    );
    await chmod(program, 0o700);
    const profiles = `[profile direct]\ncredential_process=${program}\n`;
    const config = await put('config', profiles);
    const own = { EFAKTUR_NAME: 'kasir-7', AWS_ROLE_SESSION_NAME: 'seven' };
    const common = { ...here(), AWS_CONFIG_FILE: config, AWS_PROFILE: 'direct' };
    await works(await storeOf({ ...common, ...own }));
    await expect(
      works(await storeOf({ ...common, ...own, EFAKTUR_NAME: 'kasir-8', AWS_EC2_METADATA_DISABLED: 'true' })),
    ).rejects.toMatchObject({ code: 'access-denied' });
  });

  test('a web identity', async () => {
    const { endpoint, questions } = await stsServer((q) => q.get('WebIdentityToken') === 'token-of-the-file');
    const settings = {
      ...here(),
      AWS_ENDPOINT_URL_STS: endpoint,
      AWS_WEB_IDENTITY_TOKEN_FILE: await put('token', 'token-of-the-file'),
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/kasir',
      AWS_ROLE_SESSION_NAME: 'kasir-1',
    };
    await works(await storeOf(settings));
    expect(questions.map((q) => [q.get('Action'), q.get('RoleArn'), q.get('RoleSessionName')])).toEqual([
      ['AssumeRoleWithWebIdentity', settings.AWS_ROLE_ARN, 'kasir-1'],
    ]);
  });

  test.each(['source_profile=keys', 'credential_source=Environment'])('a role by %s', async (source) => {
    const { endpoint, questions } = await stsServer((_, authorization) =>
      authorization.includes('Credential=KEYOFTHEFILE/'),
    );
    await noteSecret('secret-of-the-file');
    const config = await put(
      'config',
      `[profile role]\nrole_arn=arn:aws:iam::1:role/x\nexternal_id=7\n${source}\n[profile keys]\naws_access_key_id=KEYOFTHEFILE\naws_secret_access_key=secret-of-the-file\n`,
    );
    const settings = {
      ...here(),
      AWS_ENDPOINT_URL_STS: endpoint,
      AWS_CONFIG_FILE: config,
      AWS_PROFILE: 'role',
      AWS_ACCESS_KEY_ID: source.includes('Environment') ? 'KEYOFTHEFILE' : 'another-one',
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-file',
    };
    await works(await storeOf(settings));
    expect(questions.map((q) => [q.get('Action'), q.get('ExternalId')])).toEqual([['AssumeRole', '7']]);
  });

  test.each(['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'])(
    'a container, with %s',
    async (name) => {
      const { port } = await server((request, response) => {
        const passes = request.url === '/keys?x=1' && request.headers.authorization === 'Basic container';
        response.writeHead(passes ? 200 : 403, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({
            AccessKeyId: session.accessKeyId,
            SecretAccessKey: session.secretAccessKey,
            Token: session.sessionToken,
            Expiration: new Date(Date.now() + 3_600_000).toISOString(),
          }),
        );
      });
      const token = name.endsWith('FILE') ? await put('auth', 'Basic container') : 'Basic container';
      const full = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/keys?x=1` };
      await works(await storeOf({ ...here(), ...full, [name]: token }));
    },
  );

  test('the region, and where the service is, nobody else says', async () => {
    const { endpoint, said } = await recorder();
    const keys = { AWS_ACCESS_KEY_ID: 'kasir', AWS_SECRET_ACCESS_KEY: 'secret-of-kasir' };
    await noteSecret(keys.AWS_SECRET_ACCESS_KEY);
    const asked = async (settings: Record<string, string>): Promise<string> => {
      await expect(works(await storeOf(settings))).rejects.toMatchObject({ code: 'access-denied' });
      return said.at(-1) ?? '';
    };
    const AWS_CONFIG_FILE = await put('config', `[default]\nregion=id-config-3\nendpoint_url=${endpoint}\n`);
    expect(await asked({ ...keys, AWS_CONFIG_FILE })).toContain('/id-config-3/s3/');
    expect(await asked({ ...keys, AWS_CONFIG_FILE, AWS_REGION: 'id-file-1' })).toContain('/id-file-1/s3/');
    const rest = { AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: 'id-file-2' };
    expect(await asked({ ...keys, ...rest })).toContain('/id-file-2/s3/');
    const before = said.length;
    // Amazon's own service is asked for then, through a proxy that is not there.
    const away = await storeOf({
      ...keys,
      AWS_CONFIG_FILE,
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      HTTPS_PROXY: 'http://127.0.0.1:9',
    });
    const elsewhere = AbortSignal.timeout(300);
    await expect(away.get('k', { signal: elsewhere })).rejects.toMatchObject({ code: 'interrupted' });
    expect(said.length).toBe(before);
    const without = await storeOf(keys);
    await expect(without.get('k')).rejects.toMatchObject({ code: 'usage', message: /no region is set/ });
  });

  test('two stores of one process have each their own, at the same time', async () => {
    const [first, second] = [await recorder(), await recorder()];
    const files = async (name: string) => ({
      AWS_PROFILE: 'kantor',
      AWS_CONFIG_FILE: await put(`config-${name}`, `[profile kantor]\nregion=id-${name}-1\n`),
      AWS_SHARED_CREDENTIALS_FILE: await put(
        `credentials-${name}`,
        `[kantor]\naws_access_key_id=key-${name}\naws_secret_access_key=secret-of-the-test\n`,
      ),
    });
    const [one, two, three] = await Promise.all([
      storeOf({ ...(await files('one')), AWS_ENDPOINT_URL_S3: first.endpoint, AWS_REGION: 'id-one-1' }),
      storeOf({ ...(await files('two')), AWS_ENDPOINT_URL_S3: second.endpoint }),
      storeOf({
        ...here(),
        AWS_ACCESS_KEY_ID: bucket.accessKeyId,
        AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
      }),
    ]);
    const ends = await Promise.allSettled([one.get('k'), works(three), two.get('k'), one.get('l')]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected']);
    expect(first.said).toHaveLength(2);
    for (const said of first.said) expect(said).toContain('Credential=key-one/');
    expect(second.said).toEqual([expect.stringContaining('Credential=key-two/')]);
  });

  test('a container by the short address, at which nobody answers here', async () => {
    const store = await storeOf({ ...here(), AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/keys' });
    await expect(store.get('k')).rejects.toMatchObject({ code: 'access-denied' });
  });
});

test('every name that may stand in a settings file was read from one here', () => {
  // The certificates have tests of their own: ca-file.test.ts.
  expect(awsNames.filter((name) => !namesUsed.has(name))).toEqual(['AWS_CA_BUNDLE']);
});
