"""Signatures of the algorithm's methods that the engine has: those of LEAN's, with the overloads for options left in.

The methods that send a kind of order have theirs in `orders/kinds`.
"""

METHODS = """
order symbol:Symbol quantity:double|int|decimal
order symbol:Symbol quantity:decimal @end
order strategy:OptionStrategy quantity:int @end
order symbol:Symbol quantity:int type:OrderType @end
order symbol:Symbol quantity:decimal|int type:OrderType
buy symbol:Symbol quantity:int|double|decimal|float
buy strategy:OptionStrategy quantity:int @end
sell symbol:Symbol quantity:int|double|float|decimal
sell strategy:OptionStrategy quantity:int @end
calculate_order_quantity symbol:Symbol target:double|decimal
set_holdings targets:List<PortfolioTarget> liquidate_existing_holdings:bool=False @none
set_holdings symbol:Symbol percentage:double|float|int|decimal liquidate_existing_holdings:bool=False @none
liquidate symbols:PyObject asynchronous:bool=False tag:string="Liquidated" order_properties:IOrderProperties=None
liquidate symbol:Symbol=None @none
liquidate symbols:IEnumerable<Symbol> @none
liquidate symbol_to_liquidate:Symbol tag:string

set_start_date year:int month:int day:int
set_start_date start:DateTime
set_end_date year:int month:int day:int
set_end_date end:DateTime
set_cash starting_cash:double|int|decimal
set_cash symbol:string starting_cash:decimal conversion_rate:decimal=0
set_account_currency account_currency:string starting_cash:decimal?=None
set_warm_up time_span:TimeSpan
set_warm_up time_span:TimeSpan resolution:Resolution?
set_warm_up bar_count:int
set_warm_up bar_count:int resolution:Resolution?
set_warmup time_span:TimeSpan
set_warmup time_span:TimeSpan resolution:Resolution?
set_warmup bar_count:int
set_warmup bar_count:int resolution:Resolution?
set_benchmark benchmark:PyObject
set_benchmark security_type:SecurityType symbol:string
set_benchmark ticker:string
set_benchmark symbol:Symbol
set_benchmark benchmark:Func<DateTime,decimal>
set_brokerage_model model:PyObject
set_brokerage_model brokerage:BrokerageName account_type:AccountType=AccountType.MARGIN
set_brokerage_model model:IBrokerageModel
set_security_initializer security_initializer:PyObject|ISecurityInitializer|Action<Security,bool>|Action<Security>
set_maximum_orders max:int

add_data type:PyObject ticker:string resolution:Resolution?=None
add_data type:PyObject underlying:Symbol resolution:Resolution?=None
add_data type:PyObject ticker:string resolution:Resolution? time_zone:DateTimeZone fill_forward:bool=False leverage:decimal=1.0
add_data type:PyObject underlying:Symbol resolution:Resolution? time_zone:DateTimeZone fill_forward:bool=False \
    leverage:decimal=1.0
add_data data_type:Type ticker:string resolution:Resolution? time_zone:DateTimeZone fill_forward:bool=False leverage:decimal=1.0
add_data data_type:Type underlying:Symbol resolution:Resolution?=None time_zone:DateTimeZone=None fill_forward:bool=False \
    leverage:decimal=1.0
add_data type:PyObject ticker:string properties:SymbolProperties exchange_hours:SecurityExchangeHours \
    resolution:Resolution?=None fill_forward:bool=False leverage:decimal=1.0
remove_security symbol:Symbol tag:string=None
consolidate symbol:Symbol period:Resolution|TimeSpan handler:Action<TradeBar>|Action<QuoteBar>|PyObject
consolidate symbol:Symbol period:Resolution|TimeSpan tick_type:TickType? handler:PyObject
consolidate symbol:Symbol calendar:Func<DateTime,CalendarInfo> handler:Action<QuoteBar>|Action<TradeBar>|PyObject
consolidate symbol:Symbol calendar:Func<DateTime,CalendarInfo> tick_type:TickType? handler:PyObject
consolidate type:PyObject symbol:Symbol size:decimal tick_type:TickType? handler:PyObject
resolve_consolidator symbol:Symbol resolution:Resolution? data_type:Type=None
resolve_consolidator symbol:Symbol time_span:TimeSpan? data_type:Type=None
create_consolidator period:TimeSpan consolidator_input_type:Type tick_type:TickType?=None
train training_code:PyObject|Action
train date_rule:IDateRule time_rule:ITimeRule training_code:PyObject|Action
get_last_known_price security:Security
get_last_known_price symbol:Symbol
get_last_known_prices security:Security
get_last_known_prices symbol:Symbol
get_last_known_prices securities:IEnumerable<Security>
get_last_known_prices symbols:IEnumerable<Symbol>

set_alpha alpha:PyObject|IAlphaModel
add_alpha alpha:PyObject|IAlphaModel
set_portfolio_construction portfolio_construction:PyObject|IPortfolioConstructionModel
set_execution execution:PyObject|IExecutionModel
set_risk_management risk_management:PyObject|IRiskManagementModel
add_risk_management risk_management:PyObject|IRiskManagementModel
set_universe_selection universe_selection:PyObject|IUniverseSelectionModel
add_universe_selection universe_selection:PyObject|IUniverseSelectionModel
emit_insights *insights:Insight[]
emit_insights insight:Insight
plot_indicator chart:string *indicators:IndicatorBase[]
plot_indicator chart:string wait_for_ready:bool *indicators:IndicatorBase[]
plot_indicator chart:string first:PyObject second:PyObject=None third:PyObject=None fourth:PyObject=None
plot_indicator chart:string wait_for_ready:bool first:PyObject second:PyObject=None third:PyObject=None fourth:PyObject=None
"""
