import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

/** What is used of the library, by name, so that the rest of it is not bundled. */
export const age = { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient };
