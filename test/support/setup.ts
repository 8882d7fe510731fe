/** Before every test file: property tests draw from the seed of the run. */
import fc from "fast-check";
import { runSeed } from "./size.ts";

fc.configureGlobal({ seed: runSeed });
