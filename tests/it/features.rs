//! Which test drives which feature of the training driver: a feature without a test is no promise.
use crate::command::workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// A feature, and the tests that drive it as a user would.
const FEATURES: &[(&str, &[&str])] = &[
    (
        "export to safetensors, read by its own library and by torch",
        &[
            "safetensors_gives_the_same_outputs",
            "torch_loads_the_layers_as_a_sequential",
        ],
    ),
    (
        "export to NPZ, read by numpy",
        &["numpy_gives_the_same_outputs_of_an_npz_file"],
    ),
    (
        "export to ONNX, executed by onnxruntime",
        &["onnxruntime_gives_the_same_outputs"],
    ),
    (
        "export to JSON",
        &["json_holds_every_number_of_the_network"],
    ),
    (
        "import of safetensors and NPZ",
        &[
            "an_imported_network_has_the_bits_of_the_exported_one_and_trains_on",
            "an_imported_network_is_the_same_function_of_raw_inputs_whatever_the_scaling",
            "files_that_are_no_network_are_refused_in_one_line",
            "every_cut_and_every_changed_byte_of_a_network_is_read_or_refused",
            "an_imported_network_is_tested_on_the_samples_that_its_run_held_out",
            "the_text_about_a_network_in_an_npz_file_stays_what_it_is",
        ],
    ),
    (
        "a configuration file: each flag a key, flags over file, errors with the line",
        &[
            "a_file_asks_for_what_its_flags_ask_for_and_flags_come_before_it",
            "every_flag_is_a_key",
            "what_is_wrong_in_a_file_is_said_with_its_line",
        ],
    ),
    (
        "--print-config",
        &["the_printed_settings_and_those_in_a_folder_ask_for_the_same_run"],
    ),
    (
        "a run's folder: config.toml, history.csv, history.jsonl",
        &["a_runs_folder_holds_its_settings_and_its_history_as_csv_and_json_lines"],
    ),
    (
        "--repeat",
        &[
            "a_run_is_repeated_to_the_same_bits_and_another_one_is_noticed",
            "an_imported_run_is_repeated_from_its_own_beginning_and_changed_data_are_noticed",
        ],
    ),
    (
        "shell completions",
        &[
            "completions_of_every_shell_know_commands_and_flags",
            "bash_completes_a_flag",
            "names_of_a_closed_set_are_completed_and_accepted",
        ],
    ),
    ("man pages", &["the_manual_has_a_page_for_every_command"]),
    (
        "help with examples",
        &["the_help_of_every_command_has_examples"],
    ),
    (
        "suggestions for mistyped names",
        &["what_is_mistyped_is_answered_with_what_is_like_it"],
    ),
    (
        "NO_COLOR",
        &["nothing_is_coloured_where_nobody_asked_for_colours"],
    ),
    (
        "CSV: categories, named classes, missing cells, separators",
        &[
            "a_table_with_words_and_missing_cells_is_trained_on_and_evaluated_as_it_was_prepared",
            "a_word_that_the_run_never_saw_is_an_error_that_names_it",
            "missing_numbers_are_filled_from_the_training_side_alone",
            "columns_may_be_parted_by_semicolons_or_tabs",
        ],
    ),
    (
        "NPY and NPZ",
        &[
            "every_kind_of_number_and_both_orders_are_read",
            "archives_of_arrays_are_read_packed_or_not_by_the_names_in_use",
            "what_a_header_claims_is_not_believed",
        ],
    ),
    (
        "files larger than memory",
        &["a_file_larger_than_what_is_held_is_prepared_and_read_in_a_sixteenth_of_its_size"],
    ),
    (
        "predict, from files and standard input",
        &[
            "classes_are_predicted_with_their_names_and_probabilities",
            "values_are_predicted_as_they_are_evaluated",
            "samples_of_an_archive_are_predicted_by_the_name_of_their_array",
        ],
    ),
    (
        "data describe",
        &[
            "a_table_is_described_with_its_types_ranges_words_and_missing_cells",
            "a_description_fits_a_terminal_of_sixty_columns",
            "arrays_and_images_are_described_with_their_classes",
            "an_array_is_described_where_it_lies_and_its_nans_are_missing_cells",
        ],
    ),
    (
        "a folder of PNG images by class",
        &[
            "a_folder_of_images_is_trained_on_evaluated_predicted_and_described",
            "images_in_colours_and_of_a_palette_have_three_values_a_pixel",
            "a_file_that_is_no_such_image_is_named_with_what_to_do",
        ],
    ),
    (
        "Parquet, with the feature parquet",
        &[
            "a_parquet_file_is_the_table_that_a_csv_file_with_its_cells_is",
            "what_is_no_table_of_numbers_and_words_is_refused",
        ],
    ),
    (
        "data fetch, with the feature download",
        &[
            "a_file_is_fetched_checked_and_found_there_the_next_time",
            "what_broke_off_is_gone_on_with_where_it_was",
            "what_is_another_file_is_not_kept_and_the_next_mirror_is_asked",
            "where_there_is_no_network_it_is_said_with_what_else_can_be_done",
            "without_the_feature_a_fetch_says_which_one_to_build_with",
        ],
    ),
    (
        "flags about data: read or refused, with advice that fits",
        &[
            "what_a_source_does_not_read_is_refused",
            "a_missing_file_is_said_with_the_flag_that_names_it",
            "the_advice_of_predict_and_import_names_no_flag_that_they_lack",
            "sizes_have_units_on_the_command_line_and_in_a_file",
        ],
    ),
    (
        "optimizers",
        &["every_optimizer_finds_the_bottom_of_a_parabola_and_of_rosenbrocks_valley"],
    ),
    (
        "schedules, clipping, penalties, resumed bit for bit",
        &[
            "a_steered_run_stopped_after_any_step_ends_with_the_same_bits",
            "a_steered_run_resumed_by_the_command_ends_with_the_hash_of_one_that_was_not_stopped",
            "rates_go_as_their_factors_say",
            "gradients_are_cut_and_shortened_and_the_l1_penalty_draws_to_zero",
        ],
    ),
    (
        "early stopping, validation",
        &[
            "a_run_that_stops_early_reports_and_saves_its_best_epoch",
            "validation_data_may_be_a_file_of_their_own",
        ],
    ),
    (
        "the last and the best checkpoints",
        &["the_last_checkpoints_and_the_best_are_kept_and_can_be_used"],
    ),
    (
        "callbacks",
        &["a_callback_sees_every_epoch_and_may_end_the_run"],
    ),
    (
        "report.html",
        &[
            "train_draws_a_page_with_every_picture_and_report_draws_the_same_again",
            "a_regression_shows_its_predictions_and_its_residuals",
            "the_keys_are_those_of_a_configuration_file",
            "the_worst_samples_are_lines_of_the_file_and_auroc_is_that_of_evaluate",
            "a_browser_shows_every_picture_complains_of_nothing_and_asks_for_nothing",
        ],
    ),
    (
        "several runs in one page",
        &["several_runs_are_compared_in_one_page"],
    ),
    (
        "softplus and GELU",
        &[
            "softplus_and_gelu_are_backpropagation_to_their_truncation",
            "at_a_large_step_softplus_and_gelu_give_the_quotients_of_full_passes",
            "softplus_gelu_and_the_hinge_train_iris",
        ],
    ),
    (
        "hinge loss and label smoothing",
        &[
            "means_are_those_of_scikit_learn",
            "taught_losses_are_within_1e_8_of_backpropagation",
            "at_a_large_step_taught_losses_give_the_quotients_of_full_passes",
            "weights_and_smoothing_that_cannot_be_are_refused_in_one_line",
        ],
    ),
    (
        "class weights",
        &[
            "balanced_weights_are_those_of_scikit_learn",
            "balanced_weights_are_kept_with_the_run_resumed_and_said_by_evaluate",
        ],
    ),
    (
        "top-k, precision, recall, F1, AUROC, MAE; the names of classes",
        &[
            "precision_recall_f1_and_auroc_of_each_class_are_those_of_scikit_learn",
            "top_k_and_the_mean_auroc_are_those_of_scikit_learn",
            "errors_of_values_are_those_of_scikit_learn",
            "evaluate_says_the_scores_of_every_class_by_its_name",
            "a_class_that_does_not_occur_is_said_and_is_no_number",
            "the_report_calls_classes_by_their_names",
        ],
    ),
    (
        "evaluate refuses what it would ignore",
        &["how_a_runs_table_is_read_cannot_be_said_again"],
    ),
    (
        "ranks under mpirun, --distribute",
        &[
            "samples_over_ranks_end_with_the_bits_of_one_process",
            "coordinates_over_ranks_end_with_the_bits_of_one_process",
            "directions_over_ranks_end_with_the_bits_of_one_process",
            "ranks_hand_over_what_the_model_says",
            "a_build_without_mpi_says_so_when_it_is_one_of_several_ranks_and_is_alone_else",
            "digits_end_with_the_bits_of_one_process_on_all_ranks_threads_and_splits",
            "mnist_ends_with_the_bits_of_one_process_on_ranks_threads_and_splits",
            "a_job_whose_rank_is_killed_ends_with_advice_and_goes_on_with_another_number_of_ranks",
        ],
    ),
    (
        "numgrad scale",
        &["a_prediction_adds_what_is_measured_and_the_network_of_two_numbers"],
    ),
    (
        "--tensorboard",
        &["tensorboard_reads_what_the_epochs_said_over_a_resume"],
    ),
    (
        "the library's builder, with the power of the command line",
        &[
            "a_builder_and_the_command_end_with_the_same_bits",
            "a_builders_run_is_one_of_the_commands_and_goes_on_in_both",
            "wishes_that_do_not_fit_are_typed_errors",
        ],
    ),
    (
        "an activation and a loss of one's own, data in memory",
        &[
            "data_in_memory_with_an_activation_and_a_loss_of_ones_own_are_trained_on_saved_and_resumed",
        ],
    ),
    (
        "examples",
        &[
            "every_example_says_what_it_promises",
            "every_example_is_listed",
        ],
    ),
    (
        "-v and -vv",
        &[
            "v_tells_what_is_read_built_changed_and_saved_and_vv_each_step",
            "an_audit_that_noise_dominates_is_a_warning_of_the_log",
            "the_log_is_coloured_in_a_terminal_alone_and_never_against_no_color",
        ],
    ),
    (
        "--tui",
        &[
            "curves_figures_and_the_log_are_on_one_screen",
            "no_size_of_a_terminal_is_too_small",
            "no_colour_is_used_where_none_is_welcome",
            "q_stops_a_run_in_the_dashboard_which_saves_it_and_gives_the_terminal_back",
            "a_run_that_fails_in_the_dashboard_gives_the_terminal_back_and_says_why",
            "without_a_terminal_there_are_lines_instead_and_a_word_about_it",
            "a_dashboard_that_is_not_built_in_is_named_with_what_to_build",
        ],
    ),
    (
        "a run that goes on or is repeated says what it cannot do",
        &[
            "fewer_epochs_than_are_done_are_refused_and_nothing_is_changed",
            "a_run_that_was_stopped_early_says_so_when_it_is_to_go_on_and_keeps_its_settings",
            "epochs_for_which_a_schedule_leaves_no_rate_are_warned_of",
            "a_repetition_that_ends_before_the_run_it_repeats_is_no_repetition",
        ],
    ),
    (
        "a run's folder is never one of somebody else's files",
        &["a_folder_with_files_of_somebody_else_is_left_alone"],
    ),
    (
        "what is printed fits the terminal",
        &[
            "the_losses_and_accuracies_of_validation_data_are_shown",
            "what_is_printed_fits_a_terminal_of_fifty_columns",
            "bars_fit_a_terminal_of_fifty_columns",
        ],
    ),
    (
        "what cannot be meant is refused",
        &[
            "what_would_be_ignored_is_refused",
            "a_name_of_several_columns_is_none_of_theirs",
            "a_run_of_no_epoch_says_what_it_is_and_can_be_used",
            "an_exported_file_is_what_its_name_says_and_no_checkpoint",
        ],
    ),
    (
        "more threads than cores",
        &[
            "more_threads_than_cores_are_warned_of_once",
            "no_more_threads_are_started_than_are_of_use_and_the_bits_are_the_same",
        ],
    ),
];

#[test]
fn every_feature_has_the_tests_that_are_named_for_it() {
    let mut sources = String::new();
    for folder in ["tests", "crates"] {
        read(&workspace().join(folder), &mut sources);
    }
    for (feature, tests) in FEATURES {
        assert!(!tests.is_empty(), "{feature}");
        for test in *tests {
            let function = format!("fn {test}(");
            assert!(
                sources.contains(&function),
                "{feature}: there is no test {test}"
            );
        }
    }
}

/// The text of all Rust sources in a folder but this one's.
fn read(folder: &Path, text: &mut String) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
