// SPDX-License-Identifier: BSD-3-Clause
//
// Logistic regression over an L2 ball by projected AdaGrad, as in examples/train/train.c, with the same digits.
//
//     cargo run --release --example train -- ../../examples/data/breast_cancer.libsvm

use anisograd as ag;
use std::error::Error;

const COLS: usize = 30;
const EPOCHS: u64 = 20;
const REPORT_EVERY: u64 = 5;
const BATCH: usize = 64;

#[derive(Default)]
struct Dataset {
    labels: Vec<f64>,
    row_offsets: Vec<i64>,
    columns: Vec<i32>,
    values: Vec<f64>,
}

/// Lines of "label column:value …", columns from 1.
fn read_libsvm(path: &str) -> Result<Dataset, Box<dyn Error>> {
    let mut data = Dataset { row_offsets: vec![0], ..Default::default() };
    for line in std::fs::read_to_string(path)?.lines() {
        let mut words = line.split_whitespace();
        data.labels.push(words.next().ok_or("an empty line")?.parse()?);
        for word in words {
            let (column, value) = word.split_once(':').ok_or("an entry without a colon")?;
            data.columns.push(column.parse::<i32>()? - 1);
            data.values.push(value.parse()?);
        }
        data.row_offsets.push(data.columns.len() as i64);
    }
    Ok(data)
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: train FILE")?;
    let data = read_libsvm(&path)?;
    let x = ag::Csr::new(COLS, &data.row_offsets, &data.columns, Some(&data.values))?;

    let mut w = [0.0; COLS + 1];
    let mut mean = w;
    let mut g = w;
    let mut v = w;
    let logistic = ag::LogisticOptions { fit_intercept: true, ..Default::default() };
    let step = ag::StepOptions { learning_rate: 0.5, ..Default::default() };
    let ball = ag::Set::L2Ball { radius: 2.0, center: None };

    ag::adagrad_init(&mut v, 1e-6)?;
    let mut t = 0;
    for epoch in 0..EPOCHS {
        let order = ag::shuffle_indices(data.labels.len(), 1, epoch)?;
        for rows in order.chunks(BATCH) {
            let batch = ag::LogisticOptions { row_indices: Some(rows), ..logistic };
            ag::logistic(x, &data.labels, &w, &batch, Some(&mut g))?;
            ag::adagrad_step_projected(&mut w, &g, &mut v, &step, &ball)?;
            t += 1;
            ag::average(&mut mean, &w, t)?;
        }
        if (epoch + 1) % REPORT_EVERY == 0 {
            let loss = ag::logistic(x, &data.labels, &mean, &logistic, None)?;
            println!("epoch {} loss {loss:.17}", epoch + 1);
        }
    }
    Ok(())
}
