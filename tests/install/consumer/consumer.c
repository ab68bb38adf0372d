/* SPDX-License-Identifier: BSD-3-Clause */
#include <anisograd/anisograd.h>

#include <stdio.h>

int main(void) {
    float w[3] = {1, 2, 3}, v[3] = {0, 0, 0};
    const float g[3] = {1, -2, 0};
    ag_adagrad_options options;
    ag_adagrad_options_init(&options);
    options.learning_rate = 0.5;
    if (ag_adagrad_step_f32(3, w, g, v, &options) != AG_OK) {
        fprintf(stderr, "%s\n", ag_last_error());
        return 1;
    }
    printf("%s, %s: %g %g %g\n", ag_version_string(), ag_isa_name(ag_active_isa()), w[0], w[1], w[2]);
    return w[0] == 0.5f && w[1] == 2.5f && w[2] == 3 ? 0 : 1;
}
