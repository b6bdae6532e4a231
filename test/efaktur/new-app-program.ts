/** A program for new-app.test.ts, killed at its steps: `restore FOLDER` or `settle FOLDER`; prints an error's code. */
import { isEfakturError } from '../../src/base/errors.ts';
import { beginNewApp, settleNewApp } from '../../src/efaktur/new-app.ts';
import { listOfNewApp, writeNewApp } from './new-app-files.ts';

const [, , verb, folder = ''] = process.argv;

async function restore(): Promise<void> {
  const staging = await beginNewApp(folder, new Date());
  await writeNewApp(staging);
  await staging.complete(listOfNewApp);
  await staging.moveIn();
}

try {
  await (verb === 'restore' ? restore() : settleNewApp(folder));
} catch (error) {
  process.stdout.write(isEfakturError(error) ? error.code : String(error));
}
