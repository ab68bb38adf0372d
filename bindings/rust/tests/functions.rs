// SPDX-License-Identifier: BSD-3-Clause
//
// That each function reaches the C function of its name and type with its arguments in place. What these compute is
// tested with the library.

use anisograd::{self as ag, Element, LogisticOptions, Matrix, Set, StepOptions};

/// A number of the element type.
fn numbers<T: Element + From<f32>>(values: &[f32]) -> Vec<T> {
    values.iter().map(|&value| T::from(value)).collect()
}

/// As near as is needed to tell that it is the function meant.
fn close<T: Element + Into<f64>>(a: &[T], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        let a: f64 = (*a).into();
        assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{a} {b}");
    }
}

fn steps<T: Element + From<f32>>() -> ag::Result<()> {
    let options = StepOptions { learning_rate: 0.5, ..Default::default() };
    let g = numbers::<T>(&[1.0, -2.0, 4.0, 0.5]);
    let start = numbers::<T>(&[1.0, 2.0, 3.0, 4.0]);

    // From a zero accumulator, lambda = |g|: each coordinate moves by the learning rate.
    let (mut w, mut v) = (start.clone(), numbers::<T>(&[0.0; 4]));
    ag::adagrad_init(&mut v, 0.0)?;
    ag::adagrad_step(&mut w, &g, &mut v, &options)?;
    assert_eq!(w, numbers::<T>(&[0.5, 2.5, 2.5, 3.5]));
    assert_eq!(v, numbers::<T>(&[1.0, 4.0, 16.0, 0.25]));

    let (mut averaged, mut v, mut mean) = (start.clone(), vec![T::default(); 4], vec![T::default(); 4]);
    ag::adagrad_step_averaged(&mut averaged, &g, &mut v, &mut mean, 1, &options)?;
    assert_eq!((&averaged, &mean), (&w, &w));

    let (mut boxed, mut v) = (start.clone(), vec![T::default(); 4]);
    let upper = numbers::<T>(&[9.0, 9.0, 2.0, 2.0]);
    let set = Set::Box { lower: ag::Bound::All(1.0), upper: ag::Bound::Each(&upper) };
    let report = ag::adagrad_step_projected(&mut boxed, &g, &mut v, &options, &set)?;
    assert_eq!(boxed, numbers::<T>(&[1.0, 2.5, 2.0, 2.0]));
    assert!(!report.inside);

    let (mut sparse, mut v) = (start.clone(), vec![T::default(); 4]);
    ag::adagrad_step_sparse(&mut sparse, &mut v, &[3, 0], &g[..2], &options)?;
    assert_eq!(sparse, numbers::<T>(&[1.5, 2.0, 3.0, 3.5]));

    let (mut table, mut v) = (start.clone(), vec![T::default(); 4]);
    ag::adagrad_step_rows(2, &mut table, &mut v, &[1], &g[..2], &options)?;
    assert_eq!(table, numbers::<T>(&[1.0, 2.0, 2.5, 4.5]));

    let (mut table, mut v) = (start.clone(), vec![T::default(); 2]);
    let rows = numbers::<T>(&[2.0, -2.0]);
    ag::adagrad_step_rowwise(2, &mut table, &mut v, &[1], &rows, &options)?;
    assert_eq!((table, v), (numbers::<T>(&[1.0, 2.0, 2.5, 4.5]), numbers::<T>(&[0.0, 4.0])));

    let (mut normed, mut sum) = (start.clone(), 0.0);
    ag::adagrad_norm_step(&mut normed, &rows.repeat(2), &mut sum, &options)?;
    assert_eq!((normed, sum), (numbers::<T>(&[0.75, 2.25, 2.75, 4.25]), 16.0));

    let (mut dual, mut v, mut gradient_sum) = (start.clone(), vec![T::default(); 4], vec![T::default(); 4]);
    ag::adagrad_dual_averaging_step(&mut dual, &g, &mut v, &mut gradient_sum, 1, &options)?;
    assert_eq!((dual, gradient_sum), (numbers::<T>(&[-0.5, 0.5, -0.5, -0.5]), g.clone()));

    let mut sgd = start.clone();
    ag::sgd_step(&mut sgd, &g, &options)?;
    assert_eq!(sgd, numbers::<T>(&[0.5, 3.0, 1.0, 3.75]));

    let mut mean = numbers::<T>(&[3.0, 2.0, 1.0, 0.0]);
    ag::average(&mut mean, &start, 2)?;
    assert_eq!(mean, numbers::<T>(&[2.0, 2.0, 2.0, 2.0]));

    assert_eq!(ag::squared_norm(&start)?, 30.0);
    assert_eq!(ag::first_non_finite(&start)?, None);
    assert_eq!(ag::first_non_finite(&numbers::<T>(&[0.0, f32::NAN]))?, Some(1));
    Ok(())
}

/// Every kind of set, each with a point whose projection is known.
fn projections<T: Element + From<f32> + Into<f64>>() -> ag::Result<()> {
    use ag::{Bound, Groups};
    let ones = numbers::<T>(&[1.0; 4]);
    let center = Some(&ones[..]);
    let normal = Some(&ones[..]);
    let zero = Bound::All(0.0);
    let (upper, caps) = (Bound::All(2.0), Bound::Each(&ones[..]));
    let cases: [(Set<T>, [f32; 4], [f32; 4]); 15] = [
        (Set::Box { lower: zero, upper }, [-1.0, 0.5, 3.0, 2.0], [0.0, 0.5, 2.0, 2.0]),
        (Set::Nonnegative, [-1.0, 0.5, 3.0, 2.0], [0.0, 0.5, 3.0, 2.0]),
        (Set::LinfBall { radius: 1.0, center }, [-1.0, 0.5, 3.0, 2.0], [0.0, 0.5, 2.0, 2.0]),
        (Set::L2Ball { radius: 1.0, center: None }, [2.0, 2.0, 2.0, 2.0], [0.5, 0.5, 0.5, 0.5]),
        (Set::L1Ball { radius: 1.0, center }, [3.0, 1.0, 1.0, 1.0], [2.0, 1.0, 1.0, 1.0]),
        (
            Set::WeightedL1Ball { radius: 1.0, normal: &ones, center: None },
            [3.0, 0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, 0.0],
        ),
        (Set::Simplex { sum: 2.0 }, [2.0, 2.0, -1.0, -1.0], [1.0, 1.0, 0.0, 0.0]),
        (Set::CappedSimplex { sum: 2.0, upper: caps }, [9.0, 9.0, -1.0, -1.0], [1.0, 1.0, 0.0, 0.0]),
        (
            Set::BoxSection { lower: zero, upper, normal, offset: 2.0 },
            [2.0, 2.0, -9.0, -9.0],
            [1.0, 1.0, 0.0, 0.0],
        ),
        (Set::Halfspace { normal, offset: 4.0 }, [2.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]),
        (Set::Hyperplane { normal: None, offset: 4.0 }, [2.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]),
        (Set::Slab { normal, lower_offset: 4.0, offset: 5.0 }, [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]),
        (Set::SecondOrderCone, [0.0, 2.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]),
        (
            Set::GroupL1Ball { radius: 2.0, groups: Groups::Equal(2), center: None },
            [3.0, 0.0, 3.0, 0.0],
            [1.0, 0.0, 1.0, 0.0],
        ),
        (
            Set::GroupL1Ball { radius: 2.0, groups: Groups::Listed(&[0, 1, 4]), center: None },
            [3.0, 3.0, 0.0, 0.0],
            [1.0, 1.0, 0.0, 0.0],
        ),
    ];
    for (set, x, expected) in cases {
        for lambda in [None, Some(&ones[..])] {
            let mut p = numbers::<T>(&x);
            let report = ag::project(&mut p, lambda, &set)?;
            close(&p, &expected.map(f64::from));
            assert!(!report.inside, "{set:?}");
        }
    }
    Ok(())
}

fn logistic<T: Element + From<f32> + Into<f64>>() -> ag::Result<()> {
    // Two rows, of which the second has a zero.
    let values = numbers::<T>(&[1.0, 2.0, 0.0, 3.0]);
    let dense = ag::Dense::new(2, 2, &values)?;
    let (offsets, columns, entries) = ([0, 2, 3], [0, 1, 1], numbers::<T>(&[1.0, 2.0, 3.0]));
    let csr = ag::Csr::new(2, &offsets, &columns, Some(&entries))?;
    let y = numbers::<T>(&[1.0, -1.0]);
    let weights = numbers::<T>(&[1.0, 3.0]);
    let options =
        LogisticOptions { fit_intercept: true, l2: 0.5, sample_weight: Some(&weights), ..Default::default() };
    let w = numbers::<T>(&[0.5, -0.25, 0.125]);
    let (rows, s) = ([[1.0, 2.0, 1.0], [0.0, 3.0, 1.0]], [0.25, 0.75]);
    let w64 = [0.5, -0.25, 0.125];
    let m: Vec<f64> = rows.iter().map(|row| (0..3).map(|j| row[j] * w64[j]).sum()).collect();
    let p: Vec<f64> = m.iter().map(|m| 1.0 / (1.0 + (-m).exp())).collect();
    let residual = [p[0] - 1.0, p[1]];
    let penalty = [0.5, 0.5, 0.0];
    let over_rows = |term: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        (0..3).map(|j| (0..2).map(|i| s[i] * term(i, j)).sum::<f64>()).collect()
    };
    let gradient: Vec<f64> = over_rows(&|i, j| residual[i] * rows[i][j])
        .iter()
        .zip(0..)
        .map(|(g, j)| g + penalty[j] * w64[j])
        .collect();
    let curvature = [p[0] * (1.0 - p[0]), p[1] * (1.0 - p[1])];
    let diagonal: Vec<f64> = over_rows(&|i, j| curvature[i] * rows[i][j] * rows[i][j])
        .iter()
        .zip(penalty)
        .map(|(d, l2)| d + l2)
        .collect();
    let loss = -s[0] * p[0].ln() - s[1] * (1.0 - p[1]).ln() + 0.25 * (w64[0] * w64[0] + w64[1] * w64[1]);

    for x in [Matrix::from(dense), Matrix::from(csr)] {
        let mut out = vec![T::default(); 3];
        let got = ag::logistic(x, &y, &w, &options, Some(&mut out))?;
        assert!((got - loss).abs() <= 1e-5);
        close(&out, &gradient);
        assert_eq!(ag::logistic(x, &y, &w, &options, None)?, got);
        ag::logistic_margins(x, &w, &options, &mut out[..2])?;
        close(&out[..2], &m);
        ag::logistic_probabilities(x, &w, &options, &mut out[..2])?;
        close(&out[..2], &p);
        ag::logistic_hessian_diagonal(x, &y, &w, &options, &mut out)?;
        close(&out, &diagonal);
        // The Hessian's column of a unit direction.
        ag::logistic_hessian_vector(x, &y, &w, &numbers::<T>(&[0.0, 1.0, 0.0]), &options, &mut out)?;
        let column: Vec<f64> = over_rows(&|i, j| curvature[i] * rows[i][j] * rows[i][1]);
        close(&out, &[column[0], column[1] + 0.5, column[2]]);
        ag::logistic_smoothness(x, &y, &options, ag::Smoothness::Coordinate, &mut out)?;
        let bound = over_rows(&|i, j| 0.25 * rows[i][j] * rows[i][j]);
        close(&out, &[bound[0] + 0.5, bound[1] + 0.5, bound[2]]);
        ag::logistic_noise(x, &y, &w, &options, &mut out)?;
        let first = over_rows(&|i, j| residual[i] * rows[i][j]);
        let second = over_rows(&|i, j| (residual[i] * rows[i][j]).powi(2));
        close(&out, &(0..3).map(|j| (second[j] - first[j] * first[j]).sqrt()).collect::<Vec<_>>());

        // With two classes of which the first has parameters 0, the softmax is logistic regression.
        let mut both = vec![T::default(); 3];
        both.extend(&w);
        let mut softmax_gradient = vec![T::default(); 6];
        let loss = ag::softmax(x, 2, &[1, 0], &both, &options, Some(&mut softmax_gradient))?;
        assert!((loss - got).abs() <= 1e-5);
        close(&softmax_gradient[3..], &gradient);
    }

    // A mini-batch of the second row, twice.
    let batch = LogisticOptions { row_indices: Some(&[1, 1]), ..options };
    let mut margins = vec![T::default(); 2];
    ag::logistic_margins(csr, &w, &batch, &mut margins)?;
    close(&margins, &[m[1], m[1]]);
    Ok(())
}

fn elementary<T: Element + From<f32> + Into<f64>>() -> ag::Result<()> {
    let x = numbers::<T>(&[-3.0, -0.5, 0.0, 2.0]);
    let cases: [(fn(&[T], &mut [T]) -> ag::Result<()>, fn(f64) -> f64); 4] = [
        (ag::exp, f64::exp),
        (ag::sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        (ag::softplus, |x| x.exp().ln_1p()),
        (ag::log1p, f64::ln_1p),
    ];
    for (function, reference) in cases {
        let mut out = x.clone();
        function(&x, &mut out)?;
        for (x, out) in x.iter().zip(&out) {
            let (x, out): (f64, f64) = ((*x).into(), (*out).into());
            let expected = reference(x);
            assert!(expected.is_nan() && out.is_nan() || (out - expected).abs() <= 2e-7 * expected.abs());
        }
    }
    Ok(())
}

#[test]
fn every_function_of_f32() -> ag::Result<()> {
    steps::<f32>().and(projections::<f32>()).and(logistic::<f32>()).and(elementary::<f32>())
}

#[test]
fn every_function_of_f64() -> ag::Result<()> {
    steps::<f64>().and(projections::<f64>()).and(logistic::<f64>()).and(elementary::<f64>())
}

#[test]
fn the_library() -> ag::Result<()> {
    assert!(ag::version().starts_with("0.1"));
    assert!(["portable", "avx2", "avx512", "neon"].contains(&ag::active_isa().as_str()));
    assert!(ag::num_threads() >= 1);
    assert!(ag::set_num_threads(-1).is_err());
    let mut order = ag::shuffle_indices(100, 1, 2)?;
    order.sort_unstable();
    assert_eq!(order, (0..100).collect::<Vec<i64>>());
    Ok(())
}

#[test]
fn what_is_refused_leaves_outputs_alone() {
    let (mut w, mut v) = ([1.0f64; 3], [1.0f64; 3]);
    let bad = StepOptions { learning_rate: -1.0, ..Default::default() };
    let error = ag::adagrad_step(&mut w, &[1.0; 3], &mut v, &bad).unwrap_err();
    assert_eq!(error.status, ag::sys::AG_ERROR_INVALID_VALUE as i32);
    assert!(error.to_string().contains("learning_rate"), "{error}");

    let short = ag::adagrad_step(&mut w, &[1.0; 2], &mut v, &Default::default()).unwrap_err();
    assert_eq!(short.to_string(), "g has 2 elements, not 3");
    let center = [0.0; 2];
    let ball = Set::L2Ball { radius: 1.0, center: Some(&center) };
    assert!(ag::project(&mut w, None, &ball).unwrap_err().message.contains("center"));
    let bad_index = ag::adagrad_step_sparse(&mut w, &mut v, &[3], &[1.0], &Default::default());
    assert!(bad_index.unwrap_err().message.contains("indices[0]"));
    assert!(ag::adagrad_step_rows(2, &mut w, &mut v, &[], &[], &Default::default()).is_err());
    assert_eq!((w, v), ([1.0; 3], [1.0; 3]));

    assert!(ag::Dense::<f64>::with_stride(2, 3, 3, &[0.0; 5]).is_err());
    assert!(ag::Dense::<f64>::with_stride(2, 3, usize::MAX, &[0.0; 5]).is_err());
    assert!(ag::Dense::<f64>::with_stride(2, 3, 2, &[0.0; 9]).is_err());
    assert!(ag::Csr::<f64>::new(3, &[0, 2], &[0], None).is_err());
    assert!(ag::Csr::<f64>::new(3, &[], &[], None).is_err());
    assert!(ag::Csr::<f64>::new(3, &[0, 1], &[0], Some(&[])).is_err());
    let negative = ag::Csr::<f64>::new(3, &[0, -1, 1], &[0], None).unwrap();
    assert!(ag::logistic(negative, &[1.0; 2], &[0.0; 3], &Default::default(), None).is_err());
    let column = ag::Csr::<f64>::new(3, &[0, 1], &[3], None).unwrap();
    assert!(ag::logistic(column, &[1.0], &[0.0; 3], &Default::default(), None).is_err());
}
