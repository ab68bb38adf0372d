! SPDX-License-Identifier: BSD-3-Clause
!
! That the interfaces reach the C functions with their arguments in place, through generic names and with optional
! arguments absent, and that the types have C's layout. What the functions compute is tested with the library.
program test
    use anisograd
    implicit none

    integer :: failures = 0

    call steps
    call projections
    call logistic_regression
    call texts
    if (failures /= 0) error stop "failed"
    print '(a)', 'passed'

contains

    subroutine expect(holds, what)
        logical, intent(in) :: holds
        character(*), intent(in) :: what
        if (holds) return
        print '(3a)', 'not so: ', what, '; '//ag_last_error()
        failures = failures + 1
    end subroutine

    subroutine succeed(status, what)
        integer(c_int32_t), intent(in) :: status
        character(*), intent(in) :: what
        call expect(status == AG_OK, what)
    end subroutine

    subroutine steps
        real(c_float) :: w(4), g(4), v(4)
        real(c_double) :: mean(4), sum
        type(ag_adagrad_options) :: options

        call ag_adagrad_options_init(options)
        call expect(options%struct_size == c_sizeof(options) .and. options%learning_rate == 0.01d0 .and. &
                    options%gradient_scale == 1 .and. options%step == 0, 'the defaults of a step')
        options%learning_rate = 0.5d0
        ! From a zero accumulator, lambda = |g|: each coordinate moves by the learning rate.
        w = [1, 2, 3, 4]
        g = [1., -2., 4., 0.5]
        call succeed(ag_adagrad_init(4_c_size_t, v, 0d0), 'adagrad_init')
        call succeed(ag_adagrad_step(4_c_size_t, w, g, v, options), 'adagrad_step')
        call expect(all(w == [0.5, 2.5, 2.5, 3.5]) .and. all(v == g*g), 'values of adagrad_step')
        v = 0
        call succeed(ag_adagrad_step(4_c_size_t, w, g, v), 'adagrad_step without options')
        call expect(w(1) == 0.5 - 0.01, 'default options')
        call expect(ag_adagrad_step_sparse(4_c_size_t, w, v, 1_c_size_t, [4_c_int32_t], g, options) == &
                    AG_ERROR_OUT_OF_RANGE, 'an index out of range')
        mean = [3, 2, 1, 0]
        call succeed(ag_average(4_c_size_t, mean, [1d0, 2d0, 3d0, 4d0], 2_c_size_t), 'average')
        call expect(all(mean == 2), 'values of average')
        call succeed(ag_squared_norm(4_c_size_t, mean, sum), 'squared_norm')
        call expect(sum == 16, 'the value of squared_norm')
    end subroutine

    subroutine projections
        real(c_double) :: x(4)
        real(c_double), target :: center(4) = 1
        integer(c_size_t) :: bytes, more_bytes
        type(ag_set) :: set
        type(ag_projection_report), target :: report

        call ag_set_init(set)
        call expect(set%struct_size == c_sizeof(set) .and. set%radius == 1 .and. .not. c_associated(set%report) .and. &
                    .not. c_associated(set%reducer) .and. .not. c_associated(set%workspace) .and. &
                    set%workspace_size == 0, 'the defaults of a set')
        set%kind = AG_SET_L1_BALL
        set%center = c_loc(center)
        set%report = c_loc(report)
        x = [3, 1, 1, 1]
        call succeed(ag_project(4_c_size_t, x, set=set), 'project')
        call expect(all(x == [2, 1, 1, 1]), 'values of project')
        call expect(report%multiplier == 1 .and. report%inside == 0, 'the report')
        x = [3, 1, 1, 1]
        call succeed(ag_project(4_c_size_t, x, center, set), 'project with lambda')
        call expect(all(x == [2, 1, 1, 1]), 'values with lambda')
        call succeed(ag_project_workspace_f32(131072_c_size_t, set, bytes), 'project_workspace_f32')
        call succeed(ag_project_workspace_f64(131072_c_size_t, set, more_bytes), 'project_workspace_f64')
        call expect(bytes > 0 .and. more_bytes > bytes, 'values of project_workspace')
    end subroutine

    subroutine logistic_regression
        real(c_float), target :: values(2, 2) = reshape([1., 2., 0., 3.], [2, 2])
        real(c_float) :: gradient(2), margins(2)
        real(c_double) :: loss
        type(ag_dense_f32) :: x
        type(ag_logistic_options) :: options

        x = ag_dense_f32(2, 2, 2, c_loc(values))
        call ag_logistic_options_init(options)
        call expect(options%struct_size == c_sizeof(options) .and. options%positive_weight == 1 .and. &
                    .not. c_associated(options%workspace), 'the defaults of logistic regression')
        call succeed(ag_logistic(x, [1., -1.], [0., 0.], options, loss, gradient), 'logistic')
        call expect(abs(loss - log(2d0)) < 1d-7 .and. all(gradient == [-0.25, 0.25]), 'values of logistic')
        call succeed(ag_logistic(x, [1., -1.], [0., 0.], loss=loss), 'the loss alone')
        call succeed(ag_logistic_margins(x, [1., 2.], margins=margins), 'margins')
        call expect(all(margins == [5., 6.]), 'values of margins')
    end subroutine

    subroutine texts
        call expect(ag_version_string() == '0.1.0', 'the version')
        call expect(ag_status_string(AG_ERROR_OVERLAP) == 'AG_ERROR_OVERLAP', 'a status')
        call expect(ag_isa_name(ag_active_isa()) /= 'none', 'the active ISA')
        call expect(index(ag_last_error(), 'indices[0]') /= 0, 'the last error')
    end subroutine

end program
