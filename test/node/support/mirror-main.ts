/** Serves the image library in the network namespace that it is started in, until its input ends. */
import { silentLogger } from "../../../src/base/log.ts";
import { createImageLibrary } from "../../../src/machine/image-library.ts";
import { startImageMirror } from "../../../src/machine/image-mirror.ts";

const library = createImageLibrary({ folder: process.argv[2] ?? "" });
const mirror = await startImageMirror(library, silentLogger);
process.stdout.write(`${mirror.address}\n`);
process.stdin.resume();
process.stdin.once("end", () => void mirror.close());
