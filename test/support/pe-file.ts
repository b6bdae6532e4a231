import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

/** A real PE file of 64 bits that states a version, as a compiler's linker makes one; `content` tells equal versions apart. */
export function peFile(version: string, content = ''): Buffer {
  const [major = 0, minor = 0, build = 0, revision = 0] = version.split('.').map(Number);
  const exe = NtExecutable.createEmpty(false, false);
  const resources = NtExecutableResource.from(exe);
  const info = Resource.VersionInfo.create(
    0x0409,
    { fileVersionMS: (major << 16) | minor, fileVersionLS: (build << 16) | revision },
    [{ lang: 0x0409, codepage: 1200, values: { FileVersion: version, Comments: content } }],
  );
  info.outputToResourceEntries(resources.entries);
  resources.outputResource(exe);
  return Buffer.from(exe.generate());
}
