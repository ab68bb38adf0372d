// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic regression over an L2 ball by projected AdaGrad, as in examples/train/train.c, with the same digits.
//
//     npm install && node train.js ../../examples/data/breast_cancer.libsvm
import * as ag from "./anisograd.js";
import { readFileSync } from "node:fs";

const cols = 30, epochs = 20, reportEvery = 5, batchRows = 64;

/** Lines of "label column:value ...", columns from 1. */
function readLibsvm(path) {
    const labels = [], rowOffsets = [0n], columns = [], values = [];
    for (const line of readFileSync(path, "utf8").trimEnd().split("\n")) {
        const [label, ...entries] = line.trim().split(/\s+/);
        labels.push(Number(label));
        for (const entry of entries) {
            const [column, value] = entry.split(":");
            columns.push(Number(column) - 1);
            values.push(Number(value));
        }
        rowOffsets.push(BigInt(columns.length));
    }
    return {
        labels: new Float64Array(labels),
        X: ag.csr(cols, new BigInt64Array(rowOffsets), new Int32Array(columns), new Float64Array(values)),
    };
}

const { labels, X } = readLibsvm(process.argv[2]);
const w = new Float64Array(cols + 1), mean = new Float64Array(cols + 1);
const g = new Float64Array(cols + 1), v = new Float64Array(cols + 1);
const ball = { kind: "l2Ball", radius: 2 };

ag.adagradInit(v, 1e-6);
let t = 0;
for (let epoch = 0; epoch < epochs; ++epoch) {
    const order = ag.shuffleIndices(X.rows, 1, epoch);
    for (let first = 0; first < X.rows; first += batchRows) {
        const rowIndices = order.subarray(first, first + batchRows);
        ag.logistic(X, labels, w, { fitIntercept: true, rowIndices }, g);
        ag.adagradStepProjected(w, g, v, ball, { learningRate: 0.5 });
        ag.average(mean, w, ++t);
    }
    if ((epoch + 1) % reportEvery === 0)
        console.log(`epoch ${epoch + 1} loss ${ag.logistic(X, labels, mean, { fitIntercept: true }).toFixed(17)}`);
}
