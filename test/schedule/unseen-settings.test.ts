import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { carriedEnv } from '../../src/schedule/unseen-settings.ts';
import type { Surroundings } from '../../src/settings/surroundings.ts';

const around: Surroundings = {
  env: {
    EFAKTUR_STATE_DIR: '/var/efaktur',
    XDG_CONFIG_HOME: '/home/rina/c',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    LANG: 'id_ID.UTF-8',
    LC_ALL: '',
    EFAKTUR_STORE: 's3://x',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    HTTPS_PROXY: 'http://rina:secret@proxy:1',
    EFAKTUR_NOTIFY_URL: 'https://x.test/token',
    PATH: '/bin',
  },
  currentFolder: '/',
  homeFolder: userInfo().homedir,
  hostName: 'pc',
  platform: 'linux',
  systemZone: 'Asia/Jakarta',
  systemLocale: 'id_ID.UTF-8',
};

test('a schedule takes along where things lie and the language, and nothing that may be a key', () => {
  expect(carriedEnv(around)).toEqual({
    EFAKTUR_STATE_DIR: '/var/efaktur',
    XDG_CONFIG_HOME: '/home/rina/c',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    LANG: 'id_ID.UTF-8',
  });
});

test('a home that is not the one of the list of users is told to the scheduler', () => {
  expect(carriedEnv({ ...around, env: {}, homeFolder: '/home/other' })).toEqual({ HOME: '/home/other' });
});

test('a task of Windows has no variables of its own', () => {
  expect(carriedEnv({ ...around, platform: 'win32' })).toEqual({});
});
