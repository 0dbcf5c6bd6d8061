"""A worker process, from its start to its exit code."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import NoReturn

import faust
from aiokafka.errors import KafkaError
from faust.exceptions import FaustError

from engine.bus.app import BusApp
from engine.bus.companions import Companion
from engine.bus.logs import stacks
from engine.bus.meters import Meters
from engine.bus.metrics import PrometheusMetrics
from engine.bus.settings import BusSettings
from engine.bus.supervisor import die_with_supervisor, restarts_so_far
from engine.bus.topics import require
from engine.bus.web import add_pages
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.ports import Bus, Produced, Stage
