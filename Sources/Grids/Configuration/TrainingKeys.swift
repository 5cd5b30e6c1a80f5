import Base
import Formats

/// The settings that a training gets on its command line.
package enum TrainingKeys {
  /// What a setting takes.
  enum Kind: Equatable {
    case count(least: Int)
    case number(least: Double)
    /// A number above 0.
    case positive
    case flag
    case choice([String])
    case text

    /// In messages.
    var phrase: String {
      switch self {
      case .count(let least): "a whole number from \(least)"
      case .number(let least): "a number from \(NumberText.significant(least, digits: 3))"
      case .positive: "a number above 0"
      case .flag: "true or false"
      case .choice(let choices): choices.joined(separator: ", ")
      case .text: "text"
      }
    }

    /// Null leaves a setting out.
    func takes(_ node: ConfigNode) -> Bool {
      if node.isNull { return true }
      return switch self {
      case .count(let least): node.intValue.map { $0 >= least } ?? false
      case .number(let least): node.doubleValue.map { $0 >= least } ?? false
      case .positive: node.doubleValue.map { $0 > 0 } ?? false
      case .flag: node.boolValue != nil
      case .choice(let choices): node.stringValue.map(choices.contains) ?? false
      case .text: node.mapValue == nil && node.listValue == nil
      }
    }
  }

  /// Flags of VisionCore's training scripts.
  private static let visionCoreKinds: KeyValuePairs<String, Kind> = [
    "batch_size": .count(least: 1), "learning_rate": .positive, "weight_decay": .number(least: 0),
    "core_lr_scale": .number(least: 0), "gradient_clip_val": .number(least: 0),
    "accumulate_grad_batches": .count(least: 1),
    "lr_scheduler": .choice(["none", "step", "plateau", "cosine", "cosine_warmup", "cosine_warmup_restart"]),
    "warmup_epochs": .count(least: 0), "restart_period": .count(least: 1), "max_epochs": .count(least: 1),
    "steps_per_epoch": .count(least: 1), "precision": .text, "dset_dtype": .text,
    "early_stopping_patience": .count(least: 0), "limit_val_batches": .number(least: 0),
    "time_budget_minutes": .positive, "enable_logging": .flag, "num_workers": .count(least: 0),
    "max_datasets": .count(least: 1), "compile": .flag, "enable_curriculum": .flag, "pretrained_checkpoint": .text,
    "freeze_vision": .flag, "num_gpus": .count(least: 0), "project_name": .text, "experiment_name": .text,
    "checkpoint_dir": .text, "tag": .text,
  ]
  /// Flags of `train` that VisionCore has no counterpart for.
  private static let vcshKinds: KeyValuePairs<String, Kind> = [
    "seed": .count(least: 0), "sampler": .text, "rate_weight": .number(least: 0), "corr": .number(least: 0),
    "penalty": .text, "zero_sum_kernels": .flag, "optimiser": .text, "init_bias": .flag, "teacher": .text,
    "cells": .text,
  ]

  package static let visionCore = visionCoreKinds.map(\.key)
  package static let vcsh = vcshKinds.map(\.key)
  package static let all = visionCore + vcsh

  static func kind(of key: String) -> Kind? {
    visionCoreKinds.first { $0.key == key }?.value ?? vcshKinds.first { $0.key == key }?.value
  }

  /// Other names of the same setting, as logs have them.
  package static let otherNames = [
    "lr": "learning_rate", "wd": "weight_decay", "bs": "batch_size", "norm": "norm_type", "epochs": "max_epochs",
    "warmup": "warmup_epochs", "clip": "gradient_clip_val", "accumulate": "accumulate_grad_batches",
    "corelrscale": "core_lr_scale", "schedule": "lr_scheduler",
  ]
}
