"""Public members of LEAN's classes that the engine's classes of that name lack: asking for one says so."""

from __future__ import annotations

from functools import cache

TABLE = """
AlgorithmSettings: databases_refresh_period performance_sample_period
BaseData: data_time_zone default_resolution deserialize_message get_source is_sparse_data reader requires_mapping
  should_cache_to_security supported_resolutions update update_ask update_bid update_quote update_trade
BollingerBands: moving_average_type
BrokerageModel: create get_brokerage_name
BuyingPowerModel: get_amount_to_order
CalendarInfo: end
CancelOrderRequest: order_request_type set_response status time
Cash: currency_conversion currency_conversion_updated ensure_currency_data_feed security_symbols update updated
CashBook: add contains_key convert convert_to_account_currency count ensure_currency_data_feeds remove try_get_value updated
Chart: aggregate chart_type clone_empty symbol try_add_and_get_series
CommodityChannelIndex: moving_average_type
CompositeSecurityInitializer: add_security_initializer initializers
DataDictionary: add clear remove time
DateRules: quarter_end quarter_start
DefaultBrokerageModel: apply_split can_execute_order can_submit_order can_update_order default_market_map default_markets
  get_benchmark is_valid_order_size required_free_buying_power_percent
DefaultMarginCallModel: execute_margin_call get_margin_call_orders
DelayedSettlementModel: apply_funds get_unsettled_cash scan
Delisting: data_time_zone data_type default_resolution deserialize_message get_source is_fill_forward is_sparse_data reader
  requires_mapping set_order_ticket should_cache_to_security supported_resolutions update update_ask update_bid update_quote
  update_trade
Dividend: compute_distribution create data_time_zone data_type default_resolution deserialize_message get_source
  is_fill_forward is_sparse_data reader requires_mapping should_cache_to_security supported_resolutions update update_ask
  update_bid update_quote update_trade
Equity: ask_size bid_size clear data default_settlement_days default_settlement_time
  is_custom_data is_fill_data_forward null_leverage open_interest portfolio_model
  price_variation_model primary_exchange refresh_data_normalization_mode_property set set_local_time_keeper
  subscription_data_config try_get_member try_invoke_member
  try_set_member update
EquityHolding: add_new_dividend add_new_fee add_new_profit add_new_sale quantity_changed set_last_trade_profit
  update_market_price
ExponentialMovingAverage: smoothing_factor_default
Field: ask_close ask_high ask_low ask_open ask_price bid_close bid_high bid_low bid_open bid_price
FillModel: combo_leg_limit_fill combo_limit_fill combo_market_fill fill order price prices security
Globals: api cache cache_data_folder get_data_folder_path live_mode organization_id project_id reset
  results_destination_folder user_id user_token version
GoodTilDateTimeInForce: get_forex_order_expiry_date_time
HistoricalReturnsAlphaModel: can_emit consolidator roc security
ImmediateSettlementModel: apply_funds get_unsettled_cash scan
Indicator: default_window_size
IndicatorDataPoint: data_time_zone data_type default_resolution deserialize_message get_source is_fill_forward is_sparse_data
  reader requires_mapping should_cache_to_security supported_resolutions update update_ask update_bid update_quote
  update_trade
IndicatorExtensions: update weighted_by
Insight: bar_count close_time_local compute_close_time estimated_value from_serialized_insight reference_value_final
  resolution score set_period_and_close_time short_to_string
InsightManager: set_insight_score_function step
InteractiveBrokersFeeModel: currency fee_per_share maximum_fee_rate minimum_fee
InteractiveBrokersOrderProperties: account fa_group fa_method fa_percentage fa_profile
ManualUniverse: add collection_changed create_symbol get_trigger_times interval remove
MarginCallModel: execute_margin_call get_margin_call_orders
Market: add binance binance_us bitfinex bithumb bitstamp bittrex bybit cboe cbot cfe cme coinbase coinone comex decode
  dukascopy dydx encode eurex ftx ftxus fxcm gdax globex hit_btc hkfe ice india interactive_brokers kraken krx nymex nyseliffe
  oanda ok_coin ose poloniex sgx supported_markets
MarketOnCloseOrder: default_submission_time_buffer
MeanAbsoluteDeviation: mean
Member: added is_internal security
NullSlippageModel: instance
ObjectStore: error_raised initialize max_files max_size read_xml save_xml
Order: apply_update_order_request create_order get_default_tag group_order_manager order_submission_data price_adjustment_mode
OrderEvent: from_serialized short_to_string trailing_amount trailing_as_percentage trigger_price
OrderFee: apply_to_portfolio
OrderProperties: exchange
OrderResponse: error missing_security order_id success unable_to_find_order unprocessed warming_up zero_quantity
OrderResponseErrorCode: processing_error order_already_exists brokerage_model_refused_to_submit_order
  brokerage_failed_to_submit_order brokerage_failed_to_update_order brokerage_handler_refused_to_update_order
  brokerage_failed_to_cancel_order unsupported_request_type pre_order_checks_error exchange_not_open
  forex_base_and_quote_currencies_required forex_conversion_rate_zero invalid_request brokerage_model_refused_to_update_order
  quote_currency_required conversion_rate_zero non_exercisable_security exceeds_shortable_quantity invalid_new_order_status
  european_option_not_expired_on_exercise option_order_on_stock_split
OrderTicket: order_closed order_set
PortfolioTarget: minimum_order_margin_percentage_warning_sent
PortfolioTargetCollection: contains keys try_get_value values
PythonData: get_meta_object get_storage_dictionary has_property is_of_type
PythonIndicator: consolidators default_window_size set_indicator update updated
RelativeStrengthIndex: moving_average_type
RsiAlphaModel: rsi state
ScheduleManager: date_rules event set_event_schedule time_rules training training_now
ScheduledEvent: algorithm_end_of_day_delta event_fired next_event_utc_time security_end_of_day_delta
ScheduledUniverse: get_trigger_times
SecurityChanges: create filter_custom_securities filter_internal_securities
SecurityExchange: closing_soon date_is_open date_time_is_open is_closing_soon is_open_during_bar
  set_local_date_time_frontier_provider set_market_hours trading_days_per_year
SecurityIdentifier: date default_date empty generate_base_symbol generate_cfd
  generate_crypto generate_crypto_future generate_forex generate_future generate_index generate_option
  has_underlying none option_right option_style parse security_type strike_price ticker try_get_custom_data_type
  try_get_custom_data_type_instance try_parse underlying
SecurityManager: collection_changed create_benchmark_security create_security set_live_mode set_security_service total
  utc_time
SecurityPortfolioManager: add_transaction_record get_security has_sufficient_buying_power_for_order
  invalidate_total_portfolio_value log_margin_information positions process_fills set_account_currency set_positions
  transactions unsettled_cash_book
SecurityTransactionManager: add_order add_transaction_record get_increment_group_order_manager_id get_increment_order_id
  get_orders_by_brokerage_id get_projected_holdings is_win losing_transactions market_order_fill_timeout
  minimum_order_quantity minimum_order_size process_request profit_loss remove_order set_live_mode set_order_id
  set_order_processor update_order utc_time winning_transactions
SecurityType: future_option index_option crypto_future
Series: consolidate_chart_points create get_values index_name purge scatter_marker_symbol tooltip values z_index
SessionConsolidator: current default_window_size get_rounded_bar_time input_type output_type period previous reset start_time
  validate_and_scan window
SimpleMovingAverage: rolling_sum
Slice: auxilliary_data clear custom future_chains futures_chains generic_type get_data margin_interest_rates merge_slice
  method_info option_chains quote_bar remove trade_bar try_get_value type
Split: data_time_zone data_type default_resolution deserialize_message get_source is_fill_forward is_sparse_data reader
  requires_mapping should_cache_to_security supported_resolutions update update_ask update_bid update_quote update_trade
SubmitOrderRequest: asynchronous group_order_manager order_request_type set_response status time trailing_as_percentage
SubscriptionDataSource: headers sort
SubscriptionManager: add available_data_types count default_data_types get_data_types_for_security
  is_subscription_valid_for_consolidator lookup_subscription_config_data_types scan_past_consolidators set_data_manager
  subscription_data_config_service subscriptions
Symbol: create_canonical_option create_future create_option empty
  get_alias get_option_type_from_underlying get_underlying_from_option_type has_canonical has_underlying has_underlying_symbol
  is_canonical none underlying update_mapped_symbol
SymbolProperties: get_default market_ticker minimum_order_size price_magnifier strike_multiplier
TimeInForce: is_fill_valid is_order_expired
TimeZones: amsterdam anchorage athens auckland berlin brisbane bucharest buenos_aires cairo chicago denver detroit dublin
  eastern_standard helsinki hong_kong honolulu istanbul jerusalem johannesburg kolkata london los_angeles madrid melbourne
  mexico_city minsk moscow paris phoenix rome sao_paulo shanghai sydney tokyo toronto vancouver zurich
Trade: direction duration end_trade_drawdown entry_price entry_time exit_price exit_time id is_win mae mfe order_ids
  profit_loss quantity symbol symbols total_fees
TradeBar: data_time_zone default_resolution deserialize_message get_source is_sparse_data parse parse_cfd
  parse_crypto parse_equity parse_forex parse_future parse_index parse_option reader requires_mapping should_cache_to_security
  supported_resolutions update_ask update_bid update_quote update_trade
TradeBarConsolidator: current default_window_size get_rounded_bar_time input_type output_type period previous reset start_time
  window working_bar
TradeBuilder: closed_trades has_open_position set_live_mode set_market_price set_security_manager update_drawdown
TradingCalendar: get_days_by_type get_trading_day get_trading_days
TrailingStopOrder: calculate_stop_price try_update_stop_price
TrailingStopRiskManagementModel: absolute_holdings_value position
Universe: asynchronous can_remove_member configuration create_security data_type dispose_requested market perform_selection
  security_type select_symbols selection_changed symbol universe_settings
UniverseManager: active_securities asynchronous can_remove_member collection_changed configuration contains_member
  create_security data_type dispose_requested market members perform_selection process_changes remove securities security_type
  select_symbols selected selection_changed unchanged universe_settings update
UniverseSelectionModel: get_next_refresh_time_utc
UniverseSettings: contract_depth_offset data_mapping_mode schedule subscription_data_types
UpdateOrderRequest: is_allowed_for_closed_order order_request_type set_response status time
"""


@cache
def _by_class() -> dict[str, frozenset[str]]:
    found: dict[str, list[str]] = {}
    for line in TABLE.strip().splitlines():
        name, colon, rest = line.rpartition(":")
        known = found.setdefault(name, []) if colon else found[next(reversed(found))]
        known += rest.split()
    return {name: frozenset(members) for name, members in found.items()}


def lacks(kind: str, member: str) -> bool:
    """Whether LEAN's class of this name has a member that the engine's doesn't have."""
    return member in _by_class().get(kind, ())
