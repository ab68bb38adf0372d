! SPDX-License-Identifier: BSD-3-Clause
!
! The C interface of anisograd for Fortran 2018, whose comments are in anisograd.h: the same functions, types and
! constants under the same names. Besides:
!
!   - a generic name without the type's suffix, such as ag_adagrad_step or ag_logistic, for those that differ in types
!     alone (not for numbers of 16 bits, which are integers, nor for lists of tensors, whose pointers have no type, nor
!     for ag_project_workspace, whose arguments are the same);
!   - arguments that may be NULL in C (options, lambda, loss, gradient and such) are optional;
!   - ag_..._init without a size, and texts as character strings.
!
! C's matrices are row-major: a dense matrix of `rows` rows is x(cols, rows) in Fortran. Indices and columns count from 0.
module anisograd
    use, intrinsic :: iso_c_binding
    implicit none
    public

    ! ag_status
    integer(c_int32_t), parameter :: &
        AG_OK = 0, AG_ERROR_NULL_POINTER = 1, AG_ERROR_INVALID_VALUE = 2, AG_ERROR_INVALID_ENUM = 3, &
        AG_ERROR_STRUCT_SIZE = 4, AG_ERROR_SIZE = 5, AG_ERROR_OVERLAP = 6, AG_ERROR_OUT_OF_RANGE = 7, &
        AG_ERROR_LABEL = 8, AG_ERROR_UNSUPPORTED_ISA = 9, AG_ERROR_OUT_OF_MEMORY = 10, &
        AG_ERROR_INTERNAL = 11, AG_ERROR_SHARDS = 12, AG_ERROR_REDUCER = 13, AG_ERROR_NOT_PROJECTED = 14
    ! ag_isa
    integer(c_int32_t), parameter :: &
        AG_ISA_NONE = -1, AG_ISA_PORTABLE = 0, AG_ISA_AVX2 = 1, AG_ISA_AVX512 = 2, AG_ISA_NEON = 3
    ! ag_epsilon_mode, ag_math_mode, ag_rounding, ag_pooling
    integer(c_int32_t), parameter :: &
        AG_EPSILON_IN_STATE = 0, AG_EPSILON_OUTSIDE = 1, AG_EPSILON_INSIDE = 2, &
        AG_MATH_STRICT = 0, AG_MATH_FAST = 1, &
        AG_ROUNDING_NEAREST = 0, AG_ROUNDING_STOCHASTIC = 1, &
        AG_POOLING_SUM = 0, AG_POOLING_MEAN = 1
    ! ag_set_kind
    integer(c_int32_t), parameter :: &
        AG_SET_BOX = 0, AG_SET_NONNEGATIVE = 1, AG_SET_LINF_BALL = 2, AG_SET_L2_BALL = 3, &
        AG_SET_L1_BALL = 4, AG_SET_WEIGHTED_L1_BALL = 5, AG_SET_SIMPLEX = 6, AG_SET_CAPPED_SIMPLEX = 7, &
        AG_SET_BOX_SECTION = 8, AG_SET_HALFSPACE = 9, AG_SET_HYPERPLANE = 10, AG_SET_SLAB = 11, &
        AG_SET_SECOND_ORDER_CONE = 12, AG_SET_GROUP_L1_BALL = 13
    ! ag_label_encoding, ag_reduction, ag_smoothness
    integer(c_int32_t), parameter :: &
        AG_LABELS_PLUS_MINUS_ONE = 0, AG_LABELS_ZERO_ONE = 1, AG_LABELS_PROBABILITY = 2, &
        AG_REDUCTION_MEAN = 0, AG_REDUCTION_SUM = 1, &
        AG_SMOOTHNESS_COORDINATE = 0, AG_SMOOTHNESS_ANISOTROPIC = 1
    integer(c_size_t), parameter :: AG_ACCUMULATOR_BLOCK = 256

    type, bind(c) :: ag_adagrad_options
        integer(c_size_t) :: struct_size
        real(c_double) :: learning_rate, epsilon
        integer(c_int32_t) :: epsilon_mode, maximize
        real(c_double) :: weight_decay, decoupled_weight_decay, gradient_scale, l1, l2
        integer(c_int32_t) :: math, rounding
        integer(c_int64_t) :: seed, step
    end type

    type, bind(c) :: ag_projection_report
        real(c_double) :: multiplier
        integer(c_int32_t) :: passes, inside
    end type

    type, bind(c) :: ag_reducer
        type(c_funptr) :: sum
        type(c_ptr) :: context
        integer(c_size_t) :: total, begin
    end type

    type, bind(c) :: ag_set
        integer(c_size_t) :: struct_size
        integer(c_int32_t) :: kind
        real(c_double) :: radius, lower, upper
        type(c_ptr) :: lower_bounds, upper_bounds, center, normal
        real(c_double) :: offset, lower_offset
        type(c_ptr) :: report
        integer(c_size_t) :: group_length
        type(c_ptr) :: group_offsets
        integer(c_size_t) :: group_count
        type(c_ptr) :: reducer, workspace
        integer(c_size_t) :: workspace_size
    end type

    type, bind(c) :: ag_logistic_options
        integer(c_size_t) :: struct_size
        integer(c_int32_t) :: labels, reduction, fit_intercept
        real(c_double) :: l2
        type(c_ptr) :: sample_weight, row_indices
        integer(c_size_t) :: row_count
        type(c_ptr) :: workspace
        integer(c_size_t) :: workspace_size
        real(c_double) :: positive_weight, negative_weight, label_smoothing
    end type

    ! The types of an element type differ so that the compiler tells them, and generic names, apart.
    type, bind(c) :: ag_bags_f32
        integer(c_size_t) :: count
        type(c_ptr) :: offsets, weights
        integer(c_int32_t) :: pooling
    end type
    type, bind(c) :: ag_bags_f64
        integer(c_size_t) :: count
        type(c_ptr) :: offsets, weights
        integer(c_int32_t) :: pooling
    end type
    type, bind(c) :: ag_dense_f32
        integer(c_size_t) :: rows, cols, row_stride
        type(c_ptr) :: values
    end type
    type, bind(c) :: ag_dense_f64
        integer(c_size_t) :: rows, cols, row_stride
        type(c_ptr) :: values
    end type
    type, bind(c) :: ag_dense_bf16
        integer(c_size_t) :: rows, cols, row_stride
        type(c_ptr) :: values
    end type
    type, bind(c) :: ag_dense_f16
        integer(c_size_t) :: rows, cols, row_stride
        type(c_ptr) :: values
    end type
    type, bind(c) :: ag_csr_f32
        integer(c_size_t) :: rows, cols
        type(c_ptr) :: row_offsets, columns, values
    end type
    type, bind(c) :: ag_csr_f64
        integer(c_size_t) :: rows, cols
        type(c_ptr) :: row_offsets, columns, values
    end type
    type, bind(c) :: ag_csr64_f32
        integer(c_size_t) :: rows, cols
        type(c_ptr) :: row_offsets, columns, values
    end type
    type, bind(c) :: ag_csr64_f64
        integer(c_size_t) :: rows, cols
        type(c_ptr) :: row_offsets, columns, values
    end type

    interface
        function ag_status_string_c(status) bind(c, name="ag_status_string") result(answer)
            import
            integer(c_int32_t), value :: status
            type(c_ptr) :: answer
        end function
        function ag_last_error_c() bind(c, name="ag_last_error") result(answer)
            import
            type(c_ptr) :: answer
        end function
        function ag_version_string_c() bind(c, name="ag_version_string") result(answer)
            import
            type(c_ptr) :: answer
        end function
        function ag_isa_name_c(isa) bind(c, name="ag_isa_name") result(answer)
            import
            integer(c_int32_t), value :: isa
            type(c_ptr) :: answer
        end function
        function ag_isa_supported(isa) bind(c, name="ag_isa_supported") result(answer)
            import
            integer(c_int32_t), value :: isa
            integer(c_int) :: answer
        end function
        function ag_active_isa() bind(c, name="ag_active_isa") result(answer)
            import
            integer(c_int32_t) :: answer
        end function
        function ag_set_isa(isa) bind(c, name="ag_set_isa") result(answer)
            import
            integer(c_int32_t), value :: isa
            integer(c_int32_t) :: answer
        end function
        function ag_set_num_threads(n) bind(c, name="ag_set_num_threads") result(answer)
            import
            integer(c_int), value :: n
            integer(c_int32_t) :: answer
        end function
        function ag_get_num_threads() bind(c, name="ag_get_num_threads") result(answer)
            import
            integer(c_int) :: answer
        end function
        subroutine ag_adagrad_options_init_sized(options, struct_size) bind(c, &
            name="ag_adagrad_options_init_sized")
            import
            type(ag_adagrad_options), intent(inout) :: options
            integer(c_size_t), value :: struct_size
        end subroutine
        function ag_adagrad_init_f32(n, v, epsilon) bind(c, &
            name="ag_adagrad_init_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: v(*)
            real(c_double), value :: epsilon
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_init_f64(n, v, epsilon) bind(c, &
            name="ag_adagrad_init_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: v(*)
            real(c_double), value :: epsilon
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_f32(n, w, g, v, options) bind(c, &
            name="ag_adagrad_step_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_f64(n, w, g, v, options) bind(c, &
            name="ag_adagrad_step_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*)
            real(c_double), intent(in) :: g(*)
            real(c_double), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_averaged_f32(n, w, g, v, mean, t, options) bind(c, &
            name="ag_adagrad_step_averaged_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*), mean(*)
            integer(c_size_t), value :: t
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_averaged_f64(n, w, g, v, mean, t, options) bind(c, &
            name="ag_adagrad_step_averaged_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*)
            real(c_double), intent(in) :: g(*)
            real(c_double), intent(inout) :: v(*), mean(*)
            integer(c_size_t), value :: t
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_list_f32(count, sizes, w, g, v, options) bind(c, &
            name="ag_adagrad_step_list_f32") result(answer)
            import
            integer(c_size_t), value :: count
            integer(c_size_t), intent(in) :: sizes(*)
            type(c_ptr), intent(in) :: w(*), g(*), v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_list_f64(count, sizes, w, g, v, options) bind(c, &
            name="ag_adagrad_step_list_f64") result(answer)
            import
            integer(c_size_t), value :: count
            integer(c_size_t), intent(in) :: sizes(*)
            type(c_ptr), intent(in) :: w(*), g(*), v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_sparse_f32(n, w, v, nnz, indices, g, options) bind(c, &
            name="ag_adagrad_step_sparse_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: nnz
            integer(c_int64_t), intent(in) :: indices(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_sparse_f64(n, w, v, nnz, indices, g, options) bind(c, &
            name="ag_adagrad_step_sparse_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: nnz
            integer(c_int64_t), intent(in) :: indices(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_sparse_f32_i32(n, w, v, nnz, indices, g, options) bind(c, &
            name="ag_adagrad_step_sparse_f32_i32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: nnz
            integer(c_int32_t), intent(in) :: indices(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_sparse_f64_i32(n, w, v, nnz, indices, g, options) bind(c, &
            name="ag_adagrad_step_sparse_f64_i32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: nnz
            integer(c_int32_t), intent(in) :: indices(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_f32(rows, cols, w, v, m, row_indices, g, options) bind(c, &
            name="ag_adagrad_step_rows_f32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_f64(rows, cols, w, v, m, row_indices, g, options) bind(c, &
            name="ag_adagrad_step_rows_f64") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_f32_i32(rows, cols, w, v, m, row_indices, g, &
            options) bind(c, name="ag_adagrad_step_rows_f32_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_f64_i32(rows, cols, w, v, m, row_indices, g, &
            options) bind(c, name="ag_adagrad_step_rows_f64_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_f32(rows, cols, w, v, m, row_indices, g, &
            options) bind(c, name="ag_adagrad_step_rowwise_f32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_f64(rows, cols, w, v, m, row_indices, g, &
            options) bind(c, name="ag_adagrad_step_rowwise_f64") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_f32_i32(rows, cols, w, v, m, row_indices, g, &
            options) bind(c, name="ag_adagrad_step_rowwise_f32_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_f64_i32(rows, cols, w, v, m, row_indices, g, &
            options) bind(c, name="ag_adagrad_step_rowwise_f64_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_pooled_f32(rows, cols, w, v, m, row_indices, bags, g, &
            options) bind(c, name="ag_adagrad_step_rows_pooled_f32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            type(ag_bags_f32), intent(in) :: bags
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_pooled_f64(rows, cols, w, v, m, row_indices, bags, g, &
            options) bind(c, name="ag_adagrad_step_rows_pooled_f64") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            type(ag_bags_f64), intent(in) :: bags
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_pooled_f32_i32(rows, cols, w, v, m, row_indices, bags, g, &
            options) bind(c, name="ag_adagrad_step_rows_pooled_f32_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            type(ag_bags_f32), intent(in) :: bags
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rows_pooled_f64_i32(rows, cols, w, v, m, row_indices, bags, g, &
            options) bind(c, name="ag_adagrad_step_rows_pooled_f64_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            type(ag_bags_f64), intent(in) :: bags
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_pooled_f32(rows, cols, w, v, m, row_indices, bags, g, &
            options) bind(c, name="ag_adagrad_step_rowwise_pooled_f32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            type(ag_bags_f32), intent(in) :: bags
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_pooled_f64(rows, cols, w, v, m, row_indices, bags, g, &
            options) bind(c, name="ag_adagrad_step_rowwise_pooled_f64") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int64_t), intent(in) :: row_indices(*)
            type(ag_bags_f64), intent(in) :: bags
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_pooled_f32_i32(rows, cols, w, v, m, row_indices, bags, &
            g, options) bind(c, name="ag_adagrad_step_rowwise_pooled_f32_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_float), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            type(ag_bags_f32), intent(in) :: bags
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_rowwise_pooled_f64_i32(rows, cols, w, v, m, row_indices, bags, &
            g, options) bind(c, name="ag_adagrad_step_rowwise_pooled_f64_i32") result(answer)
            import
            integer(c_size_t), value :: rows, cols
            real(c_double), intent(inout) :: w(*), v(*)
            integer(c_size_t), value :: m
            integer(c_int32_t), intent(in) :: row_indices(*)
            type(ag_bags_f64), intent(in) :: bags
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_bf16(n, w, g, v, options) bind(c, &
            name="ag_adagrad_step_bf16") result(answer)
            import
            integer(c_size_t), value :: n
            integer(c_int16_t), intent(inout) :: w(*)
            integer(c_int16_t), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_f16(n, w, g, v, options) bind(c, &
            name="ag_adagrad_step_f16") result(answer)
            import
            integer(c_size_t), value :: n
            integer(c_int16_t), intent(inout) :: w(*)
            integer(c_int16_t), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_master_bf16(n, w, w_copy, g, v, options) bind(c, &
            name="ag_adagrad_step_master_bf16") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            integer(c_int16_t), intent(inout), optional :: w_copy(*)
            integer(c_int16_t), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_master_f16(n, w, w_copy, g, v, options) bind(c, &
            name="ag_adagrad_step_master_f16") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            integer(c_int16_t), intent(inout), optional :: w_copy(*)
            integer(c_int16_t), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_bf16_from_f32(n, x, out) bind(c, name="ag_bf16_from_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            integer(c_int16_t), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_f16_from_f32(n, x, out) bind(c, name="ag_f16_from_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            integer(c_int16_t), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_f32_from_bf16(n, x, out) bind(c, name="ag_f32_from_bf16") result(answer)
            import
            integer(c_size_t), value :: n
            integer(c_int16_t), intent(in) :: x(*)
            real(c_float), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_f32_from_f16(n, x, out) bind(c, name="ag_f32_from_f16") result(answer)
            import
            integer(c_size_t), value :: n
            integer(c_int16_t), intent(in) :: x(*)
            real(c_float), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_compressed_f32(n, w, g, v, scales, options) bind(c, &
            name="ag_adagrad_step_compressed_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            integer(c_int8_t), intent(inout) :: v(*)
            real(c_float), intent(inout) :: scales(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_accumulator_encode_f32(n, v, codes, scales) bind(c, &
            name="ag_accumulator_encode_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: v(*)
            integer(c_int8_t), intent(inout) :: codes(*)
            real(c_float), intent(inout) :: scales(*)
            integer(c_int32_t) :: answer
        end function
        function ag_accumulator_decode_f32(n, codes, scales, v) bind(c, &
            name="ag_accumulator_decode_f32") result(answer)
            import
            integer(c_size_t), value :: n
            integer(c_int8_t), intent(in) :: codes(*)
            real(c_float), intent(in) :: scales(*)
            real(c_float), intent(inout) :: v(*)
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_norm_step_f32(n, w, g, v, options) bind(c, &
            name="ag_adagrad_norm_step_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            real(c_double), intent(inout) :: v
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_norm_step_f64(n, w, g, v, options) bind(c, &
            name="ag_adagrad_norm_step_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*)
            real(c_double), intent(in) :: g(*)
            real(c_double), intent(inout) :: v
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_dual_averaging_step_f32(n, w, g, v, gradient_sum, t, options) bind(c, &
            name="ag_adagrad_dual_averaging_step_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*), gradient_sum(*)
            integer(c_size_t), value :: t
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_dual_averaging_step_f64(n, w, g, v, gradient_sum, t, options) bind(c, &
            name="ag_adagrad_dual_averaging_step_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*)
            real(c_double), intent(in) :: g(*)
            real(c_double), intent(inout) :: v(*), gradient_sum(*)
            integer(c_size_t), value :: t
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_squared_norm_f32(n, x, result) bind(c, &
            name="ag_squared_norm_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            real(c_double), intent(out) :: result
            integer(c_int32_t) :: answer
        end function
        function ag_squared_norm_f64(n, x, result) bind(c, &
            name="ag_squared_norm_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: x(*)
            real(c_double), intent(out) :: result
            integer(c_int32_t) :: answer
        end function
        function ag_first_non_finite_f32(n, x, position) bind(c, &
            name="ag_first_non_finite_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            integer(c_size_t), intent(out) :: position
            integer(c_int32_t) :: answer
        end function
        function ag_first_non_finite_f64(n, x, position) bind(c, &
            name="ag_first_non_finite_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: x(*)
            integer(c_size_t), intent(out) :: position
            integer(c_int32_t) :: answer
        end function
        function ag_sgd_step_f32(n, w, g, options) bind(c, name="ag_sgd_step_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_sgd_step_f64(n, w, g, options) bind(c, name="ag_sgd_step_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*)
            real(c_double), intent(in) :: g(*)
            type(ag_adagrad_options), intent(in), optional :: options
            integer(c_int32_t) :: answer
        end function
        function ag_average_f32(n, mean, w, t) bind(c, name="ag_average_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: mean(*)
            real(c_float), intent(in) :: w(*)
            integer(c_size_t), value :: t
            integer(c_int32_t) :: answer
        end function
        function ag_average_f64(n, mean, w, t) bind(c, name="ag_average_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: mean(*)
            real(c_double), intent(in) :: w(*)
            integer(c_size_t), value :: t
            integer(c_int32_t) :: answer
        end function
        subroutine ag_set_init_sized(set, struct_size) bind(c, name="ag_set_init_sized")
            import
            type(ag_set), intent(inout) :: set
            integer(c_size_t), value :: struct_size
        end subroutine
        function ag_project_f32(n, x, lambda, set) bind(c, name="ag_project_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: x(*)
            real(c_float), intent(in), optional :: lambda(*)
            type(ag_set), intent(in) :: set
            integer(c_int32_t) :: answer
        end function
        function ag_project_f64(n, x, lambda, set) bind(c, name="ag_project_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: x(*)
            real(c_double), intent(in), optional :: lambda(*)
            type(ag_set), intent(in) :: set
            integer(c_int32_t) :: answer
        end function
        function ag_project_workspace_f32(n, set, bytes) bind(c, &
            name="ag_project_workspace_f32") result(answer)
            import
            integer(c_size_t), value :: n
            type(ag_set), intent(in) :: set
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_project_workspace_f64(n, set, bytes) bind(c, &
            name="ag_project_workspace_f64") result(answer)
            import
            integer(c_size_t), value :: n
            type(ag_set), intent(in) :: set
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_shard_granule(total, set, granule) bind(c, &
            name="ag_shard_granule") result(answer)
            import
            integer(c_size_t), value :: total
            type(ag_set), intent(in) :: set
            integer(c_size_t), intent(out) :: granule
            integer(c_int32_t) :: answer
        end function
        function ag_project_rows_f32(rows, cols, row_stride, x, lambda, lambda_stride, radii, &
            set) bind(c, name="ag_project_rows_f32") result(answer)
            import
            integer(c_size_t), value :: rows, cols, row_stride
            real(c_float), intent(inout) :: x(*)
            real(c_float), intent(in), optional :: lambda(*)
            integer(c_size_t), value :: lambda_stride
            real(c_double), intent(in), optional :: radii(*)
            type(ag_set), intent(in) :: set
            integer(c_int32_t) :: answer
        end function
        function ag_project_rows_f64(rows, cols, row_stride, x, lambda, lambda_stride, radii, &
            set) bind(c, name="ag_project_rows_f64") result(answer)
            import
            integer(c_size_t), value :: rows, cols, row_stride
            real(c_double), intent(inout) :: x(*)
            real(c_double), intent(in), optional :: lambda(*)
            integer(c_size_t), value :: lambda_stride
            real(c_double), intent(in), optional :: radii(*)
            type(ag_set), intent(in) :: set
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_projected_f32(n, w, g, v, options, set) bind(c, &
            name="ag_adagrad_step_projected_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(inout) :: w(*)
            real(c_float), intent(in) :: g(*)
            real(c_float), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            type(ag_set), intent(in) :: set
            integer(c_int32_t) :: answer
        end function
        function ag_adagrad_step_projected_f64(n, w, g, v, options, set) bind(c, &
            name="ag_adagrad_step_projected_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(inout) :: w(*)
            real(c_double), intent(in) :: g(*)
            real(c_double), intent(inout) :: v(*)
            type(ag_adagrad_options), intent(in), optional :: options
            type(ag_set), intent(in) :: set
            integer(c_int32_t) :: answer
        end function
        function ag_exp_f32(n, x, out) bind(c, name="ag_exp_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            real(c_float), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_exp_f64(n, x, out) bind(c, name="ag_exp_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: x(*)
            real(c_double), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_log1p_f32(n, x, out) bind(c, name="ag_log1p_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            real(c_float), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_log1p_f64(n, x, out) bind(c, name="ag_log1p_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: x(*)
            real(c_double), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_sigmoid_f32(n, x, out) bind(c, name="ag_sigmoid_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            real(c_float), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_sigmoid_f64(n, x, out) bind(c, name="ag_sigmoid_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: x(*)
            real(c_double), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softplus_f32(n, x, out) bind(c, name="ag_softplus_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: x(*)
            real(c_float), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softplus_f64(n, x, out) bind(c, name="ag_softplus_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: x(*)
            real(c_double), intent(inout) :: out(*)
            integer(c_int32_t) :: answer
        end function
        subroutine ag_logistic_options_init_sized(options, struct_size) bind(c, &
            name="ag_logistic_options_init_sized")
            import
            type(ag_logistic_options), intent(inout) :: options
            integer(c_size_t), value :: struct_size
        end subroutine
        function ag_logistic_dense_f32(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_f64(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr_f32(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr_f64(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr64_f32(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr64_f64(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_bf16(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_dense_bf16") result(answer)
            import
            type(ag_dense_bf16), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_f16(X, y, w, options, loss, gradient) bind(c, &
            name="ag_logistic_dense_f16") result(answer)
            import
            type(ag_dense_f16), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_workspace_f32(X, options, bytes) bind(c, &
            name="ag_logistic_dense_workspace_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_workspace_f64(X, options, bytes) bind(c, &
            name="ag_logistic_dense_workspace_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_workspace_bf16(X, options, bytes) bind(c, &
            name="ag_logistic_dense_workspace_bf16") result(answer)
            import
            type(ag_dense_bf16), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_dense_workspace_f16(X, options, bytes) bind(c, &
            name="ag_logistic_dense_workspace_f16") result(answer)
            import
            type(ag_dense_f16), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr_workspace_f32(X, options, bytes) bind(c, &
            name="ag_logistic_csr_workspace_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr_workspace_f64(X, options, bytes) bind(c, &
            name="ag_logistic_csr_workspace_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr64_workspace_f32(X, options, bytes) bind(c, &
            name="ag_logistic_csr64_workspace_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_csr64_workspace_f64(X, options, bytes) bind(c, &
            name="ag_logistic_csr64_workspace_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_dense_f32(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_dense_f64(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_csr_f32(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_csr_f64(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_csr64_f32(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_csr64_f64(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_dense_bf16(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_dense_bf16") result(answer)
            import
            type(ag_dense_bf16), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_margins_dense_f16(X, w, options, margins) bind(c, &
            name="ag_logistic_margins_dense_f16") result(answer)
            import
            type(ag_dense_f16), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: margins(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_dense_f32(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_dense_f64(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_csr_f32(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_csr_f64(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_csr64_f32(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_csr64_f64(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_dense_bf16(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_dense_bf16") result(answer)
            import
            type(ag_dense_bf16), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_probabilities_dense_f16(X, w, options, probabilities) bind(c, &
            name="ag_logistic_probabilities_dense_f16") result(answer)
            import
            type(ag_dense_f16), intent(in) :: X
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: probabilities(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_from_margins_f32(n, margins, y, options, loss, residuals, &
            curvatures) bind(c, name="ag_logistic_from_margins_f32") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_float), intent(in) :: margins(*), y(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: residuals(*), curvatures(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_from_margins_f64(n, margins, y, options, loss, residuals, &
            curvatures) bind(c, name="ag_logistic_from_margins_f64") result(answer)
            import
            integer(c_size_t), value :: n
            real(c_double), intent(in) :: margins(*), y(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: residuals(*), curvatures(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_vector_dense_f32(X, y, w, direction, options, &
            product) bind(c, name="ag_logistic_hessian_vector_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*), direction(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: product(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_vector_dense_f64(X, y, w, direction, options, &
            product) bind(c, name="ag_logistic_hessian_vector_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*), direction(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: product(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_vector_csr_f32(X, y, w, direction, options, product) bind(c, &
            name="ag_logistic_hessian_vector_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*), direction(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: product(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_vector_csr_f64(X, y, w, direction, options, product) bind(c, &
            name="ag_logistic_hessian_vector_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*), direction(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: product(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_vector_csr64_f32(X, y, w, direction, options, &
            product) bind(c, name="ag_logistic_hessian_vector_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*), direction(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: product(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_vector_csr64_f64(X, y, w, direction, options, &
            product) bind(c, name="ag_logistic_hessian_vector_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*), direction(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: product(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_diagonal_dense_f32(X, y, w, options, diagonal) bind(c, &
            name="ag_logistic_hessian_diagonal_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: diagonal(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_diagonal_dense_f64(X, y, w, options, diagonal) bind(c, &
            name="ag_logistic_hessian_diagonal_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: diagonal(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_diagonal_csr_f32(X, y, w, options, diagonal) bind(c, &
            name="ag_logistic_hessian_diagonal_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: diagonal(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_diagonal_csr_f64(X, y, w, options, diagonal) bind(c, &
            name="ag_logistic_hessian_diagonal_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: diagonal(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_diagonal_csr64_f32(X, y, w, options, diagonal) bind(c, &
            name="ag_logistic_hessian_diagonal_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: diagonal(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_hessian_diagonal_csr64_f64(X, y, w, options, diagonal) bind(c, &
            name="ag_logistic_hessian_diagonal_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: diagonal(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_smoothness_dense_f32(X, y, options, kind, smoothness) bind(c, &
            name="ag_logistic_smoothness_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*)
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_int32_t), value :: kind
            real(c_float), intent(inout) :: smoothness(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_smoothness_dense_f64(X, y, options, kind, smoothness) bind(c, &
            name="ag_logistic_smoothness_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*)
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_int32_t), value :: kind
            real(c_double), intent(inout) :: smoothness(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_smoothness_csr_f32(X, y, options, kind, smoothness) bind(c, &
            name="ag_logistic_smoothness_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*)
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_int32_t), value :: kind
            real(c_float), intent(inout) :: smoothness(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_smoothness_csr_f64(X, y, options, kind, smoothness) bind(c, &
            name="ag_logistic_smoothness_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*)
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_int32_t), value :: kind
            real(c_double), intent(inout) :: smoothness(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_smoothness_csr64_f32(X, y, options, kind, smoothness) bind(c, &
            name="ag_logistic_smoothness_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*)
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_int32_t), value :: kind
            real(c_float), intent(inout) :: smoothness(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_smoothness_csr64_f64(X, y, options, kind, smoothness) bind(c, &
            name="ag_logistic_smoothness_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*)
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_int32_t), value :: kind
            real(c_double), intent(inout) :: smoothness(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_noise_dense_f32(X, y, w, options, noise) bind(c, &
            name="ag_logistic_noise_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: noise(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_noise_dense_f64(X, y, w, options, noise) bind(c, &
            name="ag_logistic_noise_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: noise(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_noise_csr_f32(X, y, w, options, noise) bind(c, &
            name="ag_logistic_noise_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: noise(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_noise_csr_f64(X, y, w, options, noise) bind(c, &
            name="ag_logistic_noise_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: noise(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_noise_csr64_f32(X, y, w, options, noise) bind(c, &
            name="ag_logistic_noise_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_float), intent(inout) :: noise(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_noise_csr64_f64(X, y, w, options, noise) bind(c, &
            name="ag_logistic_noise_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(inout) :: noise(*)
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_columns_workspace_dense_f32(X, options, bytes) bind(c, &
            name="ag_logistic_columns_workspace_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_columns_workspace_dense_f64(X, options, bytes) bind(c, &
            name="ag_logistic_columns_workspace_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_columns_workspace_csr_f32(X, options, bytes) bind(c, &
            name="ag_logistic_columns_workspace_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_columns_workspace_csr_f64(X, options, bytes) bind(c, &
            name="ag_logistic_columns_workspace_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_columns_workspace_csr64_f32(X, options, bytes) bind(c, &
            name="ag_logistic_columns_workspace_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_columns_workspace_csr64_f64(X, options, bytes) bind(c, &
            name="ag_logistic_columns_workspace_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_csr_f32(X, y, w, options, loss, capacity, columns, &
            values, count) bind(c, name="ag_logistic_sparse_gradient_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            integer(c_size_t), value :: capacity
            integer(c_int64_t), intent(inout) :: columns(*)
            real(c_float), intent(inout) :: values(*)
            integer(c_size_t), intent(out) :: count
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_csr_f64(X, y, w, options, loss, capacity, columns, &
            values, count) bind(c, name="ag_logistic_sparse_gradient_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            integer(c_size_t), value :: capacity
            integer(c_int64_t), intent(inout) :: columns(*)
            real(c_double), intent(inout) :: values(*)
            integer(c_size_t), intent(out) :: count
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_csr64_f32(X, y, w, options, loss, capacity, columns, &
            values, count) bind(c, name="ag_logistic_sparse_gradient_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            real(c_float), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            integer(c_size_t), value :: capacity
            integer(c_int64_t), intent(inout) :: columns(*)
            real(c_float), intent(inout) :: values(*)
            integer(c_size_t), intent(out) :: count
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_csr64_f64(X, y, w, options, loss, capacity, columns, &
            values, count) bind(c, name="ag_logistic_sparse_gradient_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            real(c_double), intent(in) :: y(*), w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            integer(c_size_t), value :: capacity
            integer(c_int64_t), intent(inout) :: columns(*)
            real(c_double), intent(inout) :: values(*)
            integer(c_size_t), intent(out) :: count
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_workspace_csr_f32(X, options, capacity, &
            bytes) bind(c, name="ag_logistic_sparse_gradient_workspace_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: capacity, bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_workspace_csr_f64(X, options, capacity, &
            bytes) bind(c, name="ag_logistic_sparse_gradient_workspace_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: capacity, bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_workspace_csr64_f32(X, options, capacity, &
            bytes) bind(c, name="ag_logistic_sparse_gradient_workspace_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: capacity, bytes
            integer(c_int32_t) :: answer
        end function
        function ag_logistic_sparse_gradient_workspace_csr64_f64(X, options, capacity, &
            bytes) bind(c, name="ag_logistic_sparse_gradient_workspace_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: capacity, bytes
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_dense_f32(X, classes, y, w, options, loss, gradient) bind(c, &
            name="ag_softmax_dense_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            integer(c_size_t), value :: classes
            integer(c_int32_t), intent(in) :: y(*)
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_dense_f64(X, classes, y, w, options, loss, gradient) bind(c, &
            name="ag_softmax_dense_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            integer(c_size_t), value :: classes
            integer(c_int32_t), intent(in) :: y(*)
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr_f32(X, classes, y, w, options, loss, gradient) bind(c, &
            name="ag_softmax_csr_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            integer(c_size_t), value :: classes
            integer(c_int32_t), intent(in) :: y(*)
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr_f64(X, classes, y, w, options, loss, gradient) bind(c, &
            name="ag_softmax_csr_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            integer(c_size_t), value :: classes
            integer(c_int32_t), intent(in) :: y(*)
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr64_f32(X, classes, y, w, options, loss, gradient) bind(c, &
            name="ag_softmax_csr64_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            integer(c_size_t), value :: classes
            integer(c_int32_t), intent(in) :: y(*)
            real(c_float), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_float), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr64_f64(X, classes, y, w, options, loss, gradient) bind(c, &
            name="ag_softmax_csr64_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            integer(c_size_t), value :: classes
            integer(c_int32_t), intent(in) :: y(*)
            real(c_double), intent(in) :: w(*)
            type(ag_logistic_options), intent(in), optional :: options
            real(c_double), intent(out), optional :: loss
            real(c_double), intent(inout), optional :: gradient(*)
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_dense_workspace_f32(X, classes, options, bytes) bind(c, &
            name="ag_softmax_dense_workspace_f32") result(answer)
            import
            type(ag_dense_f32), intent(in) :: X
            integer(c_size_t), value :: classes
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_dense_workspace_f64(X, classes, options, bytes) bind(c, &
            name="ag_softmax_dense_workspace_f64") result(answer)
            import
            type(ag_dense_f64), intent(in) :: X
            integer(c_size_t), value :: classes
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr_workspace_f32(X, classes, options, bytes) bind(c, &
            name="ag_softmax_csr_workspace_f32") result(answer)
            import
            type(ag_csr_f32), intent(in) :: X
            integer(c_size_t), value :: classes
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr_workspace_f64(X, classes, options, bytes) bind(c, &
            name="ag_softmax_csr_workspace_f64") result(answer)
            import
            type(ag_csr_f64), intent(in) :: X
            integer(c_size_t), value :: classes
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr64_workspace_f32(X, classes, options, bytes) bind(c, &
            name="ag_softmax_csr64_workspace_f32") result(answer)
            import
            type(ag_csr64_f32), intent(in) :: X
            integer(c_size_t), value :: classes
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_softmax_csr64_workspace_f64(X, classes, options, bytes) bind(c, &
            name="ag_softmax_csr64_workspace_f64") result(answer)
            import
            type(ag_csr64_f64), intent(in) :: X
            integer(c_size_t), value :: classes
            type(ag_logistic_options), intent(in), optional :: options
            integer(c_size_t), intent(out) :: bytes
            integer(c_int32_t) :: answer
        end function
        function ag_shuffle_indices(n, seed, epoch, indices) bind(c, &
            name="ag_shuffle_indices") result(answer)
            import
            integer(c_size_t), value :: n
            integer(c_int64_t), value :: seed, epoch
            integer(c_int64_t), intent(inout) :: indices(*)
            integer(c_int32_t) :: answer
        end function
    end interface

    interface ag_adagrad_init
        procedure ag_adagrad_init_f32, ag_adagrad_init_f64
    end interface
    interface ag_adagrad_step
        procedure ag_adagrad_step_f32, ag_adagrad_step_f64
    end interface
    interface ag_adagrad_step_averaged
        procedure ag_adagrad_step_averaged_f32, ag_adagrad_step_averaged_f64
    end interface
    interface ag_adagrad_step_sparse
        procedure ag_adagrad_step_sparse_f32, ag_adagrad_step_sparse_f64, &
                  ag_adagrad_step_sparse_f32_i32, ag_adagrad_step_sparse_f64_i32
    end interface
    interface ag_adagrad_step_rows
        procedure ag_adagrad_step_rows_f32, ag_adagrad_step_rows_f64, &
                  ag_adagrad_step_rows_f32_i32, ag_adagrad_step_rows_f64_i32
    end interface
    interface ag_adagrad_step_rowwise
        procedure ag_adagrad_step_rowwise_f32, ag_adagrad_step_rowwise_f64, &
                  ag_adagrad_step_rowwise_f32_i32, ag_adagrad_step_rowwise_f64_i32
    end interface
    interface ag_adagrad_step_rows_pooled
        procedure ag_adagrad_step_rows_pooled_f32, ag_adagrad_step_rows_pooled_f64, &
                  ag_adagrad_step_rows_pooled_f32_i32, &
                  ag_adagrad_step_rows_pooled_f64_i32
    end interface
    interface ag_adagrad_step_rowwise_pooled
        procedure ag_adagrad_step_rowwise_pooled_f32, ag_adagrad_step_rowwise_pooled_f64, &
                  ag_adagrad_step_rowwise_pooled_f32_i32, &
                  ag_adagrad_step_rowwise_pooled_f64_i32
    end interface
    interface ag_bf16_from
        procedure ag_bf16_from_f32
    end interface
    interface ag_f16_from
        procedure ag_f16_from_f32
    end interface
    interface ag_adagrad_step_compressed
        procedure ag_adagrad_step_compressed_f32
    end interface
    interface ag_accumulator_encode
        procedure ag_accumulator_encode_f32
    end interface
    interface ag_accumulator_decode
        procedure ag_accumulator_decode_f32
    end interface
    interface ag_adagrad_norm_step
        procedure ag_adagrad_norm_step_f32, ag_adagrad_norm_step_f64
    end interface
    interface ag_adagrad_dual_averaging_step
        procedure ag_adagrad_dual_averaging_step_f32, ag_adagrad_dual_averaging_step_f64
    end interface
    interface ag_squared_norm
        procedure ag_squared_norm_f32, ag_squared_norm_f64
    end interface
    interface ag_first_non_finite
        procedure ag_first_non_finite_f32, ag_first_non_finite_f64
    end interface
    interface ag_sgd_step
        procedure ag_sgd_step_f32, ag_sgd_step_f64
    end interface
    interface ag_average
        procedure ag_average_f32, ag_average_f64
    end interface
    interface ag_project
        procedure ag_project_f32, ag_project_f64
    end interface
    interface ag_project_rows
        procedure ag_project_rows_f32, ag_project_rows_f64
    end interface
    interface ag_adagrad_step_projected
        procedure ag_adagrad_step_projected_f32, ag_adagrad_step_projected_f64
    end interface
    interface ag_exp
        procedure ag_exp_f32, ag_exp_f64
    end interface
    interface ag_log1p
        procedure ag_log1p_f32, ag_log1p_f64
    end interface
    interface ag_sigmoid
        procedure ag_sigmoid_f32, ag_sigmoid_f64
    end interface
    interface ag_softplus
        procedure ag_softplus_f32, ag_softplus_f64
    end interface
    interface ag_logistic
        procedure ag_logistic_dense_f32, ag_logistic_dense_f64, ag_logistic_csr_f32, &
                  ag_logistic_csr_f64, ag_logistic_csr64_f32, &
                  ag_logistic_csr64_f64
    end interface
    interface ag_logistic_workspace
        procedure ag_logistic_dense_workspace_f32, ag_logistic_dense_workspace_f64, &
                  ag_logistic_csr_workspace_f32, ag_logistic_csr_workspace_f64, &
                  ag_logistic_csr64_workspace_f32, ag_logistic_csr64_workspace_f64
    end interface
    interface ag_logistic_margins
        procedure ag_logistic_margins_dense_f32, ag_logistic_margins_dense_f64, &
                  ag_logistic_margins_csr_f32, ag_logistic_margins_csr_f64, &
                  ag_logistic_margins_csr64_f32, ag_logistic_margins_csr64_f64
    end interface
    interface ag_logistic_probabilities
        procedure ag_logistic_probabilities_dense_f32, ag_logistic_probabilities_dense_f64, &
                  ag_logistic_probabilities_csr_f32, &
                  ag_logistic_probabilities_csr_f64, &
                  ag_logistic_probabilities_csr64_f32, &
                  ag_logistic_probabilities_csr64_f64
    end interface
    interface ag_logistic_from_margins
        procedure ag_logistic_from_margins_f32, ag_logistic_from_margins_f64
    end interface
    interface ag_logistic_hessian_vector
        procedure ag_logistic_hessian_vector_dense_f32, ag_logistic_hessian_vector_dense_f64, &
                  ag_logistic_hessian_vector_csr_f32, &
                  ag_logistic_hessian_vector_csr_f64, &
                  ag_logistic_hessian_vector_csr64_f32, &
                  ag_logistic_hessian_vector_csr64_f64
    end interface
    interface ag_logistic_hessian_diagonal
        procedure ag_logistic_hessian_diagonal_dense_f32, ag_logistic_hessian_diagonal_dense_f64, &
                  ag_logistic_hessian_diagonal_csr_f32, &
                  ag_logistic_hessian_diagonal_csr_f64, &
                  ag_logistic_hessian_diagonal_csr64_f32, &
                  ag_logistic_hessian_diagonal_csr64_f64
    end interface
    interface ag_logistic_smoothness
        procedure ag_logistic_smoothness_dense_f32, ag_logistic_smoothness_dense_f64, &
                  ag_logistic_smoothness_csr_f32, &
                  ag_logistic_smoothness_csr_f64, &
                  ag_logistic_smoothness_csr64_f32, &
                  ag_logistic_smoothness_csr64_f64
    end interface
    interface ag_logistic_noise
        procedure ag_logistic_noise_dense_f32, ag_logistic_noise_dense_f64, &
                  ag_logistic_noise_csr_f32, ag_logistic_noise_csr_f64, &
                  ag_logistic_noise_csr64_f32, ag_logistic_noise_csr64_f64
    end interface
    interface ag_logistic_columns_workspace
        procedure ag_logistic_columns_workspace_dense_f32, &
                  ag_logistic_columns_workspace_dense_f64, &
                  ag_logistic_columns_workspace_csr_f32, &
                  ag_logistic_columns_workspace_csr_f64, &
                  ag_logistic_columns_workspace_csr64_f32, &
                  ag_logistic_columns_workspace_csr64_f64
    end interface
    interface ag_logistic_sparse_gradient
        procedure ag_logistic_sparse_gradient_csr_f32, ag_logistic_sparse_gradient_csr_f64, &
                  ag_logistic_sparse_gradient_csr64_f32, &
                  ag_logistic_sparse_gradient_csr64_f64
    end interface
    interface ag_logistic_sparse_gradient_workspace
        procedure ag_logistic_sparse_gradient_workspace_csr_f32, &
                  ag_logistic_sparse_gradient_workspace_csr_f64, &
                  ag_logistic_sparse_gradient_workspace_csr64_f32, &
                  ag_logistic_sparse_gradient_workspace_csr64_f64
    end interface
    interface ag_softmax
        procedure ag_softmax_dense_f32, ag_softmax_dense_f64, ag_softmax_csr_f32, &
                  ag_softmax_csr_f64, ag_softmax_csr64_f32, ag_softmax_csr64_f64
    end interface
    interface ag_softmax_workspace
        procedure ag_softmax_dense_workspace_f32, ag_softmax_dense_workspace_f64, &
                  ag_softmax_csr_workspace_f32, ag_softmax_csr_workspace_f64, &
                  ag_softmax_csr64_workspace_f32, ag_softmax_csr64_workspace_f64
    end interface

contains

    ! Fill in the defaults.
    subroutine ag_adagrad_options_init(options)
        type(ag_adagrad_options), intent(out) :: options
        call ag_adagrad_options_init_sized(options, c_sizeof(options))
    end subroutine

    subroutine ag_set_init(set)
        type(ag_set), intent(out) :: set
        call ag_set_init_sized(set, c_sizeof(set))
    end subroutine

    subroutine ag_logistic_options_init(options)
        type(ag_logistic_options), intent(out) :: options
        call ag_logistic_options_init_sized(options, c_sizeof(options))
    end subroutine

    ! The C functions of these names, whose texts end with a zero, as character strings.
    function ag_status_string(status) result(text)
        integer(c_int32_t), intent(in) :: status
        character(:), allocatable :: text
        text = string_at(ag_status_string_c(status))
    end function

    function ag_last_error() result(text)
        character(:), allocatable :: text
        text = string_at(ag_last_error_c())
    end function

    function ag_version_string() result(text)
        character(:), allocatable :: text
        text = string_at(ag_version_string_c())
    end function

    function ag_isa_name(isa) result(text)
        integer(c_int32_t), intent(in) :: isa
        character(:), allocatable :: text
        text = string_at(ag_isa_name_c(isa))
    end function

    function string_at(address) result(text)
        type(c_ptr), intent(in) :: address
        character(:), allocatable :: text
        character(kind=c_char), pointer :: characters(:)
        integer :: i, length
        interface
            function strlen(string) bind(c) result(answer)
                import
                type(c_ptr), value :: string
                integer(c_size_t) :: answer
            end function
        end interface
        length = int(strlen(address))
        call c_f_pointer(address, characters, [length])
        allocate (character(length) :: text)
        do i = 1, length
            text(i:i) = characters(i)
        end do
    end function

end module
