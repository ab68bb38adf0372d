/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Logistic regression over an L2 ball by projected AdaGrad: option I of the paper, mini-batches, and the average
 * iterate. The examples of all bindings do the same, and print the same digits.
 *
 *     cc train.c $(pkg-config --cflags --libs anisograd) -o train && ./train ../data/breast_cancer.libsvm
 */
#include <anisograd/anisograd.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLS = 30, EPOCHS = 20, REPORT_EVERY = 5, BATCH = 64 };

/* One data set in CSR form, of COLS columns. */
typedef struct {
    size_t rows;
    double* labels;
    int64_t* row_offsets;
    int32_t* columns;
    double* values;
} dataset;

static void fail(const char* what) {
    fprintf(stderr, "train: %s\n", what);
    exit(1);
}

static void check(ag_status status) {
    if (status != AG_OK)
        fail(ag_last_error());
}

static void* allocate(size_t count, size_t size) {
    void* memory = calloc(count, size);
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

/* Lines of "label column:value ...", columns from 1. */
static dataset read_libsvm(const char* path) {
    FILE* file = fopen(path, "r");
    dataset data = {0};
    char line[4096];
    if (file == NULL)
        fail("the data file cannot be read");
    while (fgets(line, sizeof line, file) != NULL)
        ++data.rows;
    rewind(file);
    data.labels = allocate(data.rows, sizeof *data.labels);
    data.row_offsets = allocate(data.rows + 1, sizeof *data.row_offsets);
    data.columns = allocate(data.rows * COLS, sizeof *data.columns);
    data.values = allocate(data.rows * COLS, sizeof *data.values);
    for (size_t i = 0; i < data.rows && fgets(line, sizeof line, file) != NULL; ++i) {
        int64_t end = data.row_offsets[i];
        char *text = line, *rest;
        data.labels[i] = strtod(text, &text);
        for (long column; column = strtol(text, &rest, 10), *rest == ':'; ++end) {
            data.columns[end] = (int32_t)(column - 1);
            data.values[end] = strtod(rest + 1, &text);
        }
        data.row_offsets[i + 1] = end;
    }
    fclose(file);
    return data;
}

int main(int count, char** arguments) {
    if (count != 2)
        fail("usage: train FILE");
    const dataset data = read_libsvm(arguments[1]);
    const ag_csr_f64 X = {data.rows, COLS, data.row_offsets, data.columns, data.values};

    double w[COLS + 1] = {0}, mean[COLS + 1] = {0}, g[COLS + 1], v[COLS + 1], loss;
    int64_t* order = allocate(data.rows, sizeof *order);

    ag_logistic_options logistic;
    ag_logistic_options_init(&logistic);
    logistic.fit_intercept = 1;
    ag_logistic_options batch = logistic;

    ag_adagrad_options step;
    ag_adagrad_options_init(&step);
    step.learning_rate = 0.5;

    ag_set ball;
    ag_set_init(&ball);
    ball.kind = AG_SET_L2_BALL;
    ball.radius = 2;

    check(ag_adagrad_init_f64(COLS + 1, v, 1e-6));
    size_t t = 0;
    for (unsigned epoch = 0; epoch < EPOCHS; ++epoch) {
        check(ag_shuffle_indices(data.rows, 1, epoch, order));
        for (size_t first = 0; first < data.rows; first += BATCH) {
            batch.row_indices = order + first;
            batch.row_count = data.rows - first < BATCH ? data.rows - first : BATCH;
            check(ag_logistic_csr_f64(&X, data.labels, w, &batch, NULL, g));
            check(ag_adagrad_step_projected_f64(COLS + 1, w, g, v, &step, &ball));
            check(ag_average_f64(COLS + 1, mean, w, ++t));
        }
        if ((epoch + 1) % REPORT_EVERY == 0) {
            check(ag_logistic_csr_f64(&X, data.labels, mean, &logistic, &loss, NULL));
            printf("epoch %u loss %.17f\n", epoch + 1, loss);
        }
    }
    return 0;
}
