// SPDX-License-Identifier: BSD-3-Clause
//
// That each function reaches the C function of its name and type with its arguments in place. What these compute is
// tested with the library.
import * as ag from "./anisograd.js";
import assert from "node:assert/strict";
import { test } from "node:test";

/** As near as is needed to tell that it is the function meant. */
function close(a, b) {
    assert.equal(a.length, b.length);
    a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) <= 1e-5 * (1 + Math.abs(b[i])), `${a} ${b}`));
}

for (const T of [Float32Array, Float64Array]) {
    const N = (...numbers) => new T(numbers);
    const zeros = () => new T(4);
    const g = N(1, -2, 4, 0.5), start = () => N(1, 2, 3, 4), options = { learningRate: 0.5 };

    test(`steps of ${T.name}`, () => {
        // From a zero accumulator, lambda = |g|: each coordinate moves by the learning rate.
        let w = start(), v = N(9, 9, 9, 9), mean = zeros();
        ag.adagradInit(v, 0);
        ag.adagradStep(w, g, v, options);
        assert.deepEqual(w, N(0.5, 2.5, 2.5, 3.5));
        assert.deepEqual(v, N(1, 4, 16, 0.25));

        ag.adagradStepAveraged((w = start()), g, zeros(), mean, 1, options);
        assert.deepEqual([w, mean], [N(0.5, 2.5, 2.5, 3.5), N(0.5, 2.5, 2.5, 3.5)]);
        const box = { kind: "box", lower: 1, upperBounds: N(9, 9, 2, 2) };
        assert.equal(ag.adagradStepProjected((w = start()), g, zeros(), box, options).inside, false);
        assert.deepEqual(w, N(1, 2.5, 2, 2));
        ag.adagradStepSparse((w = start()), zeros(), new BigInt64Array([3n, 0n]), N(1, -2), options);
        assert.deepEqual(w, N(1.5, 2, 3, 3.5));
        ag.adagradStepRows(2, (w = start()), zeros(), new BigInt64Array([1n]), N(1, -2), options);
        assert.deepEqual(w, N(1, 2, 2.5, 4.5));
        ag.adagradStepRowwise(2, (w = start()), (v = new T(2)), new BigInt64Array([1n]), N(2, -2), options);
        assert.deepEqual([w, v], [N(1, 2, 2.5, 4.5), N(0, 4)]);
        const sum = new Float64Array(1);
        ag.adagradNormStep((w = start()), N(2, -2, 2, -2), sum, options);
        assert.deepEqual([w, sum[0]], [N(0.75, 2.25, 2.75, 4.25), 16]);
        const gradientSum = zeros();
        ag.adagradDualAveragingStep((w = start()), g, zeros(), gradientSum, 1, options);
        assert.deepEqual([w, gradientSum], [N(-0.5, 0.5, -0.5, -0.5), g]);
        ag.sgdStep((w = start()), g, options);
        assert.deepEqual(w, N(0.5, 3, 1, 3.75));
        ag.average((mean = N(3, 2, 1, 0)), start(), 2);
        assert.deepEqual(mean, N(2, 2, 2, 2));
        assert.equal(ag.squaredNorm(start()), 30);
        assert.equal(ag.firstNonFinite(start()), -1);
        assert.equal(ag.firstNonFinite(N(0, NaN)), 1);
    });

    test(`projections of ${T.name}`, () => {
        const ones = N(1, 1, 1, 1);
        for (const [set, x, expected] of [
            [{ kind: "box", lower: 0, upper: 2 }, [-1, 0.5, 3, 2], [0, 0.5, 2, 2]],
            [{ kind: "nonnegative" }, [-1, 0.5, 3, 2], [0, 0.5, 3, 2]],
            [{ kind: "linfBall", center: ones }, [-1, 0.5, 3, 2], [0, 0.5, 2, 2]],
            [{ kind: "l2Ball", radius: 1 }, [2, 2, 2, 2], [0.5, 0.5, 0.5, 0.5]],
            [{ kind: "l1Ball", radius: 1, center: ones }, [3, 1, 1, 1], [2, 1, 1, 1]],
            [{ kind: "weightedL1Ball", radius: 1, normal: ones }, [3, 0, 0, 0], [1, 0, 0, 0]],
            [{ kind: "simplex", radius: 2 }, [2, 2, -1, -1], [1, 1, 0, 0]],
            [{ kind: "cappedSimplex", radius: 2, upperBounds: ones }, [9, 9, -1, -1], [1, 1, 0, 0]],
            [{ kind: "boxSection", lower: 0, upper: 2, normal: ones, offset: 2 }, [2, 2, -9, -9], [1, 1, 0, 0]],
            [{ kind: "halfspace", normal: ones, offset: 4 }, [2, 2, 2, 2], [1, 1, 1, 1]],
            [{ kind: "hyperplane", offset: 4 }, [2, 2, 2, 2], [1, 1, 1, 1]],
            [{ kind: "slab", lowerOffset: 4, offset: 5 }, [0, 0, 0, 0], [1, 1, 1, 1]],
            [{ kind: "secondOrderCone" }, [0, 2, 0, 0], [1, 1, 0, 0]],
            [{ kind: "groupL1Ball", radius: 2, groupLength: 2 }, [3, 0, 3, 0], [1, 0, 1, 0]],
            [{ kind: "groupL1Ball", radius: 2, groupOffsets: new BigInt64Array([0n, 1n, 4n]) }, [3, 3, 0, 0], [1, 1, 0, 0]],
        ])
            for (const lambda of [null, ones]) {
                const p = new T(x);
                assert.equal(ag.project(p, set, lambda).inside, false, set.kind);
                close(p, expected);
            }
        const report = ag.project(N(3, 0), { kind: "l2Ball" }, N(1, 1));
        close([report.multiplier], [2]); // p = x / (1 + mu)
        assert.ok(report.passes >= 1);
        assert.equal(ag.project(N(0.5, 0), { kind: "l2Ball" }).inside, true);
    });

    test(`logistic regression of ${T.name}`, () => {
        const matrices = [
            ag.dense(N(1, 2, 9, 0, 3), 2, 2, 3),
            ag.csr(2, new BigInt64Array([0n, 2n, 3n]), new Int32Array([0, 1, 1]), N(1, 2, 3)),
            ag.csr(2, new BigInt64Array([0n, 2n, 3n]), new BigInt64Array([0n, 1n, 1n]), N(1, 2, 3)),
        ];
        const y = N(1, -1), w = N(0.5, -0.25, 0.125);
        const options = { fitIntercept: true, l2: 0.5, sampleWeight: N(1, 3) };
        const rows = [[1, 2, 1], [0, 3, 1]], share = [0.25, 0.75], penalty = [0.5, 0.5, 0];
        const m = rows.map((row) => row.reduce((sum, x, j) => sum + x * w[j], 0));
        const p = m.map((margin) => 1 / (1 + Math.exp(-margin))), residual = [p[0] - 1, p[1]];
        const curvature = p.map((probability) => probability * (1 - probability));
        const overRows = (term) => [0, 1, 2].map((j) => share[0] * term(0, j) + share[1] * term(1, j));
        const gradient = overRows((i, j) => residual[i] * rows[i][j]).map((sum, j) => sum + penalty[j] * w[j]);
        const loss = -share[0] * Math.log(p[0]) - share[1] * Math.log(1 - p[1]) + 0.25 * (w[0] * w[0] + w[1] * w[1]);
        for (const X of matrices) {
            const out = new T(3);
            close([ag.logistic(X, y, w, options, out)], [loss]);
            close(out, gradient);
            close(ag.logisticMargins(X, w, options), m);
            close(ag.logisticProbabilities(X, w, options), p);
            close(ag.logisticHessianDiagonal(X, y, w, options),
                overRows((i, j) => curvature[i] * rows[i][j] ** 2).map((sum, j) => sum + penalty[j]));
            close(ag.logisticHessianVector(X, y, w, N(0, 1, 0), options),
                overRows((i, j) => curvature[i] * rows[i][j] * rows[i][1]).map((sum, j) => sum + (j === 1 ? 0.5 : 0)));
            close(ag.logisticSmoothness(X, y, ag.Smoothness.coordinate, options),
                overRows((i, j) => rows[i][j] ** 2 / 4).map((sum, j) => sum + penalty[j]));
            const first = overRows((i, j) => residual[i] * rows[i][j]);
            close(ag.logisticNoise(X, y, w, options),
                overRows((i, j) => (residual[i] * rows[i][j]) ** 2).map((sum, j) => Math.sqrt(sum - first[j] ** 2)));
            const classGradient = new T(6);
            close([ag.softmax(X, 2, new Int32Array([1, 0]), N(0, 0, 0, ...w), options, classGradient)],
                [loss]);
            close(classGradient.subarray(3), gradient);
            close(ag.logisticMargins(X, w, { ...options, rowIndices: new BigInt64Array([1n, 1n]) }), [m[1], m[1]]);
        }
    });

    test(`elementary functions of ${T.name}`, () => {
        const x = N(-3, -0.5, 0, 2);
        close(ag.exp(x), [...x].map(Math.exp));
        close(ag.sigmoid(x), [...x].map((x) => 1 / (1 + Math.exp(-x))));
        close(ag.softplus(x), [...x].map((x) => Math.log1p(Math.exp(x))));
        close(ag.log1p(x.subarray(1)), [...x.subarray(1)].map(Math.log1p));
        assert.equal(ag.exp(x, x), x);
    });

    test(`what is refused leaves ${T.name} alone`, () => {
        const w = N(1, 1, 1), v = N(1, 1, 1);
        assert.throws(() => ag.adagradStep(w, w.slice(), v, { learningRate: -1 }), (error) =>
            error instanceof ag.AnisogradError && error.status === "AG_ERROR_INVALID_VALUE" && /learning_rate/.test(error.message));
        assert.throws(() => ag.adagradStep(w, N(1, 1), v), /g has 2 elements, not 3/);
        assert.throws(() => ag.adagradStep(w, [1, 1, 1], v), /g must be a Float/);
        assert.throws(() => ag.adagradStep([1], [1], [1]), TypeError);
        assert.throws(() => ag.adagradStep(w, w.slice(), v, { learning: 1 }), /no option learning/);
        assert.throws(() => ag.adagradStepSparse(w, v, new BigInt64Array([3n]), N(1)), /indices\[0\]/);
        assert.throws(() => ag.project(w, { kind: "circle" }), /no set of kind circle/);
        assert.throws(() => ag.project(w, { kind: "l2Ball", center: N(1) }), /center has 1 elements/);
        assert.throws(() => ag.project(w, { kind: "groupL1Ball", groupOffsets: new BigInt64Array(0) }), RangeError);
        assert.throws(() => ag.dense(N(1, 2, 3), 2, 2), RangeError);
        assert.throws(() => ag.dense(N(1, 2, 3), -1, 2), RangeError);
        assert.throws(() => ag.csr(2, new BigInt64Array([0n, 2n]), new Int32Array(1)), RangeError);
        const bad = ag.csr(2, new BigInt64Array([0n, 1n]), new Int32Array([2]));
        assert.throws(() => ag.logistic(bad, N(1), N(0, 0)), /column/);
        const other = T === Float32Array ? Float64Array : Float32Array;
        assert.throws(() => ag.logistic(ag.dense(new other(4), 2, 2), N(1, 1), N(0, 0)), /X\.values/);
        assert.deepEqual([w, v], [N(1, 1, 1), N(1, 1, 1)]);
    });
}

test("the library", () => {
    assert.match(ag.version(), /^0\.1/);
    assert.ok(["portable", "avx2", "avx512", "neon"].includes(ag.activeIsa()));
    assert.ok(ag.getNumThreads() >= 1);
    assert.throws(() => ag.setNumThreads(-1), ag.AnisogradError);
    assert.deepEqual([...ag.shuffleIndices(100, 1, 2)].map(Number).sort((a, b) => a - b), [...Array(100).keys()]);
});
